"""Pictures of the shop: which pages, and who looks at them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

from shop_demo.management.commands.seed_shop import ADMIN_NAME
from shop_demo.screenshots import Shot, every_page, shown_in_the_readme
from shop_demo.seed.offers import write_offers

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def shown_shop(learned_shop: object, db: None) -> None:
    write_offers(at=datetime(2026, 3, 1, tzinfo=UTC))


def status(client: Client, shot: Shot) -> int:
    client.logout()
    if shot.who:
        client.force_login(User.objects.get(username=shot.who))
    return client.get(shot.path).status_code


def test_the_pages_of_the_readme_are_there(client: Client, shown_shop: None) -> None:
    shots = shown_in_the_readme()
    assert {shot.path: status(client, shot) for shot in shots} == {shot.path: 200 for shot in shots}


def test_every_page_has_a_name_of_its_own(client: Client, shown_shop: None) -> None:
    shots = list(every_page())
    assert len({shot.name for shot in shots}) == len(shots) > 60
    own = [shot for shot in shots if shot.who != ADMIN_NAME]
    assert {shot.name: status(client, shot) for shot in own} == {shot.name: 200 for shot in own}
