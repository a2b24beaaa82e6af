"""What only the tutorial shop has: orders that are saved before their items and paid by a webhook, guests, and local
times without zones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps

from personalization.engine.types import IdentityKind, Kind
from personalization.models import Event, Identity
from tests.hosts.seen import slot_keys

if TYPE_CHECKING:
    from tests.hosts.keepers.base import Keeper

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not apps.is_installed("tests.hosts.tutorial.shop"), reason="about the tutorial shop"),
]

MINUTE = 60_000_000


@pytest.fixture
def things(host: Keeper) -> list[Any]:
    return [host.product(f"thing {n}") for n in range(4)]


def test_an_order_counts_when_it_is_paid(host: Keeper, things: list[Any]) -> None:
    browser = host.browser()
    for product in things[:2]:
        host.put(browser, product)
    host.check_out(browser)
    assert not Event.objects.exists()
    host.pay(browser)
    assert Event.objects.filter(kind=Kind.PURCHASE).count() == 2
    host.pay(browser)  # providers tell twice
    assert Event.objects.count() == 2


def test_it_happened_when_it_did(host: Keeper, things: list[Any]) -> None:
    """The column holds the time of Shanghai, and nothing that says so."""
    host.order(host.browser(), things[0])
    event = Event.objects.get()
    moment = event.occurred_at if isinstance(event.occurred_at, int) else event.occurred_at.timestamp() * 1e6
    assert abs(moment - time.time_ns() / 1000) < MINUTE


def test_guests_are_known_by_their_address_and_their_browser_is_not(host: Keeper, things: list[Any]) -> None:
    """Anybody can write an address into a form: it must not open a history."""
    ann, stranger = host.browser(), host.browser()
    host.order(ann, things[0], name="ann")
    host.order(stranger, things[1], name="ann")
    identity = Identity.objects.get()
    assert identity.kind == IdentityKind.EMAIL
    assert Event.objects.values("visitor").distinct().count() == 1
    for browser in (ann, stranger):
        answer = browser.get("/personalization/v1/slots/for_you/").json()
        assert answer["mode"] == "non-personalized"
        assert slot_keys(browser, "recently_viewed") == []
