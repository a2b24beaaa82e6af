"""Logout leaks nothing: who comes next to a browser sees nothing of who was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from personalization.engine.types import Identity, IdentityKind
from personalization.store.page import read_page
from tests.hosts.seen import block_names, blocks, slot_keys
from tests.hosts.told import tell

if TYPE_CHECKING:
    from django.test import Client

    from tests.hosts.keepers.base import Keeper

pytestmark = pytest.mark.django_db(transaction=True)

LATER = 2**62


@pytest.fixture
def things(host: Keeper) -> list[Any]:
    return [host.product(f"thing {n}") for n in range(6)]


def views(host: Keeper, browser: Client, *products: Any) -> None:
    for product in products:
        browser.get(host.pages(product)["product"])
        assert tell(browser, "view", host.key(product))["stored"] == 1


def everything(host: Keeper, browser: Client, things: list[Any]) -> dict[str, Any]:
    """All that a browser is shown, but for what is random in it: pages, lazy blocks and the API."""
    seen: dict[str, Any] = {}
    for name, address in host.pages(things[5]).items():
        page = browser.get(address)
        seen[f"{name} blocks"] = sorted(blocks(browser, page))
        seen[name] = block_names(browser, page)
    for slot in ("for_you", "recently_viewed", "popular", "similar"):
        answer = browser.get(f"/personalization/v1/slots/{slot}/", {"item": host.key(things[5])}).json()
        seen[slot] = [(item["item"], item["reason"]) for item in answer["items"]]
    return seen


def test_the_next_person_at_the_browser_sees_nothing_of_the_last(host: Keeper, things: list[Any]) -> None:
    stranger = everything(host, host.browser(), things)
    browser = host.browser()
    views(host, browser, things[0])  # before it was known whose
    host.person("ann")
    host.log_in(browser, "ann")
    views(host, browser, things[1], things[2])
    host.order(browser, things[3], name="ann")
    assert host.key(things[1]) in slot_keys(browser, "recently_viewed")
    assert host.key(things[0]) in slot_keys(browser, "recently_viewed")
    host.log_out(browser)
    assert everything(host, browser, things) == stranger

    views(host, browser, things[4])
    assert slot_keys(browser, "recently_viewed") == [host.key(things[4])]
    host.person("bob")
    host.log_in(browser, "bob")
    assert slot_keys(browser, "recently_viewed") == [host.key(things[4])]
    host.log_out(browser)

    host.log_in(browser, "ann")  # and she finds her own again
    assert set(slot_keys(browser, "recently_viewed")) == {host.key(product) for product in things[:3]}


def test_what_the_next_person_does_is_not_added_to_the_last(host: Keeper, things: list[Any]) -> None:
    browser = host.customer("ann")
    views(host, browser, things[0])
    ann = Identity(IdentityKind.USER, browser.session["_auth_user_id"])
    host.log_out(browser)
    views(host, browser, things[1])
    known = read_page(tenant="", identity=ann, before=LATER)
    assert {event.key for event in known.events} == {host.key(things[0])}


def test_a_page_made_for_one_person_is_kept_by_no_cache(host: Keeper, things: list[Any]) -> None:
    browser = host.customer("ann")
    views(host, browser, things[0])
    for name, address in host.pages(things[5]).items():
        page = browser.get(address)
        if name not in host.cached_pages and 'class="personal-slot" data-slot' in page.content.decode():
            assert "private" in page["Cache-Control"], name
            assert "Cookie" in page["Vary"], name


def test_a_cached_page_is_the_same_for_everybody(host: Keeper, things: list[Any]) -> None:
    if not host.cached_pages:
        pytest.skip(f"{host.name} caches no page")
    ann = host.customer("ann")
    views(host, ann, things[0], things[1])
    for name in host.cached_pages:
        address = host.pages(things[0])[name]
        hers, anybodys = ann.get(address), host.browser().get(address)
        assert hers.content == anybodys.content
        assert "data-token" not in hers.content.decode()  # answers come lazily, to each their own
        assert blocks(ann, hers)
