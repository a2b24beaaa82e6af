"""Without consent nobody is known: no cookie of ours, no row with an identity, after a whole day of shopping."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from personalization.conf import settings as ours
from personalization.models import Event, Identity, Rating, ViewedItem
from tests.hosts.seen import blocks, slot_keys
from tests.hosts.told import tell

if TYPE_CHECKING:
    from django.test import Client

    from tests.hosts.keepers.base import Keeper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def things(host: Keeper) -> list[Any]:
    return [host.product(f"thing {n}") for n in range(6)]


@pytest.fixture(autouse=True)
def _asking(settings: Any) -> None:
    """Every shop asks now; in one of them that is nothing new."""
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}


def a_day(host: Keeper, browser: Client, things: list[Any]) -> None:
    """Look, put into the cart, sign in, order, pay, say thanks, sign out."""
    for product in things[:3]:
        for address in host.pages(product).values():
            blocks(browser, browser.get(address))
        tell(browser, "view", host.key(product))
        tell(browser, "cart_add", host.key(product))
    host.person("ann")
    host.log_in(browser, "ann")
    host.order(browser, things[0], things[1], name="ann")
    assert host.thanks(browser).status_code == 200
    call_command("import_orders", stdout=StringIO())
    host.log_out(browser)


def test_a_day_without_consent_leaves_nothing_that_names_anybody(host: Keeper, things: list[Any]) -> None:
    browser = host.browser(agrees=False)
    a_day(host, browser, things)
    assert ours.cookie["NAME"] not in browser.cookies
    assert not Identity.objects.exists()
    assert not ViewedItem.objects.exists()
    assert not Rating.objects.exists()
    assert len(host.orders()) == 1
    # What was bought together may be learned from; whose it was is not known.
    assert Event.objects.count() == 2
    assert Event.objects.values("visitor").distinct().count() == 1


def test_pages_are_about_what_is_on_them_then(host: Keeper, things: list[Any]) -> None:
    browser = host.browser(agrees=False)
    a_day(host, browser, things)
    host.log_in(browser, "ann")
    for slot in ("for_you", "similar"):
        answer = browser.get(f"/personalization/v1/slots/{slot}/", {"item": host.key(things[0])}).json()
        assert answer["mode"] in {"contextual", "non-personalized"}
        assert answer["items"]
        assert not any(
            item["reason"]["evidence"] for item in answer["items"] if item["reason"]["code"] != "similar_item"
        )
    assert slot_keys(browser, "recently_viewed") == []


def test_a_browser_that_says_no_itself_is_believed(host: Keeper, things: list[Any]) -> None:
    """Global Privacy Control, whatever was clicked."""
    browser = host.browser()
    browser.defaults["HTTP_SEC_GPC"] = "1"
    a_day(host, browser, things)
    assert ours.cookie["NAME"] not in browser.cookies
    assert not Identity.objects.exists()


def test_with_consent_the_same_day_is_known(host: Keeper, things: list[Any]) -> None:
    if not host.asks_consent:
        pytest.skip(f"{host.name} has no banner")
    browser = host.browser()
    a_day(host, browser, things)
    assert ours.cookie["NAME"] in browser.cookies
    assert Identity.objects.exists()
    assert Event.objects.count() > 6


def test_taking_consent_back_acts_on_the_next_request(host: Keeper, things: list[Any]) -> None:
    if not host.asks_consent:
        pytest.skip(f"{host.name} has no banner")
    browser = host.browser()
    assert tell(browser, "view", host.key(things[0]))["stored"] == 1
    assert slot_keys(browser, "recently_viewed") == [host.key(things[0])]
    browser.post("/consent/", {"answer": "no"})
    assert slot_keys(browser, "recently_viewed") == []
    assert tell(browser, "view", host.key(things[1]))["stored"] == 0
    assert Event.objects.count() == 1
