"""The page about permissions names all that the admin asks for, and none that is not there."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "permissions.md").read_text()
NAMED = set(re.findall(r"`((?:view|add|change|delete)_\w+)`", PAGE))


@pytest.mark.django_db
def test_those_that_it_names_exist() -> None:
    own = Permission.objects.filter(content_type__app_label="personalization")
    assert set(own.values_list("codename", flat=True)) >= NAMED


def test_those_that_the_admin_asks_for_are_named() -> None:
    files = (ROOT / "personalization" / "admin").rglob("*.py")
    asked = {
        name for file in files for name in re.findall(r'"personalization\.([a-z]+_[a-z]+)"', file.read_text())
    }
    assert {"change_build", "add_coupon", "delete_visitor"} <= asked <= NAMED
