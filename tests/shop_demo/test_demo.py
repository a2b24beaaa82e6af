from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from shop_demo.seed.people import PERSONAS


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_prints_what_was_learned_and_ends_twice(debug: None) -> None:
    for _ in range(2):
        said = StringIO()
        call_command("demo", "--no-serve", "--customers=300", stdout=said)
    text = said.getvalue()
    assert all(persona.name in text for persona in PERSONAS)
    assert text.count("Because you ") >= 8
    assert "item-cosine" in text
    assert "admin / admin" in text
    assert "with the code TENT10: 10 % off tents" in text
    assert "http://127.0.0.1:8000/admin/" in text
