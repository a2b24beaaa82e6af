"""A shopper's day: what people buy is learned from, and shown to others; never what is not for sale."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from personalization.engine.types import Kind
from personalization.models import Event
from tests.hosts.seen import block_names, slot_keys

if TYPE_CHECKING:
    from tests.hosts.keepers.base import Keeper

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("ann", "bob", "cyd", "dan", "eve")


def learn() -> None:
    call_command("rebuild_recommendations", json=True, stdout=StringIO())


def pull() -> None:
    call_command("import_orders", stdout=StringIO())


@pytest.fixture
def things(host: Keeper) -> list[Any]:
    return [host.product(f"thing {n}") for n in range(8)]


def bought(*, kind: Kind = Kind.PURCHASE) -> Decimal:
    return sum(Event.objects.filter(kind=kind).values_list("quantity", flat=True), Decimal(0))


def test_what_people_buy_together_is_shown_to_others(host: Keeper, things: list[Any]) -> None:
    for name in PEOPLE[:3]:
        host.order(host.customer(name), things[0], things[1], name=name)
    host.order(host.customer("dan"), things[2], things[3], name="dan")
    pull()
    learn()
    stranger = host.browser()
    assert slot_keys(stranger, "similar", item=host.key(things[0]))[0] == host.key(things[1])
    page = stranger.get(host.pages(things[0])["product"])
    assert "thing 1" in block_names(stranger, page, "similar")


def test_every_order_is_stored_once_however_it_is_told(host: Keeper, things: list[Any]) -> None:
    for name in PEOPLE[:2]:
        host.order(host.customer(name), things[0], things[1], name=name)
    told = bought()
    pull()
    pull()
    assert bought() == sum(sum(order.values()) for order in host.orders()) == 4
    assert told in {0, 4}  # by the host's signal or call; or by nothing but the import


def test_nothing_off_the_shelf_is_shown(host: Keeper, things: list[Any]) -> None:
    """However well it sold while it was there."""
    gone = {way: host.product(f"gone: {way}") for way in host.ways_off_the_shelf()}
    for name in PEOPLE[:3]:
        host.order(host.customer(name), things[0], *gone.values(), name=name)
    pull()
    learn()
    keys = {way: host.key(product) for way, product in gone.items()}
    for way, take_away in host.ways_off_the_shelf().items():
        assert keys[way] in slot_keys(host.browser(), "similar", item=host.key(things[0]), count=50)
        take_away(gone[way])
        for slot in ("for_you", "popular", "similar", "recently_viewed"):
            shown = slot_keys(host.browser(), slot, item=host.key(things[0]), count=50)
            assert keys[way] not in shown, f"{way}: in {slot}"
        for place, address in host.pages(things[0]).items():
            browser = host.browser()
            page = browser.get(address)
            assert f"gone: {way}" not in block_names(browser, page), f"{way}: on {place}"


def test_what_lies_in_the_cart_is_not_recommended(host: Keeper, things: list[Any]) -> None:
    for name in PEOPLE[:3]:
        host.order(host.customer(name), things[0], things[1], name=name)
    pull()
    learn()
    browser = host.browser()
    assert host.key(things[1]) in slot_keys(browser, "similar", item=host.key(things[0]), count=20)
    host.put(browser, things[1])
    for slot in ("similar", "for_you"):
        assert host.key(things[1]) not in slot_keys(browser, slot, item=host.key(things[0]), count=20)


def test_people_see_why_and_only_their_own_things(host: Keeper, things: list[Any]) -> None:
    for name in PEOPLE[:3]:
        host.order(host.customer(name), things[0], things[1], name=name)
    fay = host.customer("fay")
    host.order(fay, things[0], name="fay")
    pull()
    learn()
    stranger = host.browser()
    answer = stranger.get("/personalization/v1/slots/for_you/").json()
    assert answer["mode"] == "non-personalized"
    assert not any(item["reason"]["evidence"] for item in answer["items"])
    if host.orders_by_account:
        mine = fay.get("/personalization/v1/slots/for_you/").json()
        assert mine["mode"] == "personalized"
        told = {key for item in mine["items"] for key in item["reason"]["evidence"]}
        assert told == {host.key(things[0])}


def test_what_happens_to_old_orders_is_found_by_the_next_import(host: Keeper, things: list[Any]) -> None:
    """Long after the days that every import looks at again."""
    host.order(host.customer("ann"), things[0], things[1], name="ann")
    host.grow_old(days=60)
    pull()
    assert bought() == 2
    returned = host.give_back()
    pull()
    assert bought(kind=Kind.REFUND) == (returned or 0)
    if host.tells_cancellations:
        host.cancel()
        pull()
        assert bought(kind=Kind.REFUND) == 2


def test_a_cancelled_order_is_given_back(host: Keeper, things: list[Any]) -> None:
    host.order(host.customer("ann"), things[0], things[1], name="ann")
    pull()
    host.cancel()
    pull()
    assert bought() == 2
    assert bought(kind=Kind.REFUND) == (2 if host.tells_cancellations else 0)
