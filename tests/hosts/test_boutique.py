"""What only the boutique has: sizes, goods by weight, two stores and currencies, scores up to ten, an async page."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import call_command

from personalization.adapters import Page, get_adapter
from personalization.engine.types import Kind
from personalization.models import Event, Item, Rating
from personalization.store.item_facts import find_item_facts
from tests.hosts.seen import block_names, blocks, slot_keys
from tests.hosts.told import tell

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.hosts.keepers.base import Keeper

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not apps.is_installed("tests.hosts.boutique"), reason="about the boutique"),
]

PARIS = {"Host": "paris.boutique.example"}


@pytest.fixture
def things(host: Any) -> list[Any]:
    """The last one comes in sizes."""
    return [*(host.product(f"thing {n}") for n in range(4)), host.product("shirt", sizes="SML")]


def learn() -> None:
    call_command("import_orders", stdout=StringIO())
    call_command("rebuild_recommendations", stdout=StringIO())


def test_sizes_are_learned_as_the_garment(host: Keeper, things: list[Any]) -> None:
    shirt = things[4]
    for name in ("ann", "bob", "cyd"):
        host.order(host.customer(name), things[0], shirt)
    learn()
    assert slot_keys(host.browser(), "similar", item=host.key(things[0]))[0] == host.key(shirt)
    sizes = {str(size.pk) for size in shirt.variants.all()}
    assert not Item.objects.filter(key__in=sizes).exists()
    assert slot_keys(host.browser(), "similar", item=next(iter(sizes)))[0] == host.key(things[0])


def test_a_size_in_the_basket_is_its_garment(host: Keeper, things: list[Any]) -> None:
    browser = host.browser()
    assert host.key(things[4]) in slot_keys(browser, "for_you")
    host.put(browser, things[4])
    assert host.key(things[4]) not in slot_keys(browser, "for_you")
    assert host.key(things[4]) in slot_keys(host.browser(), "for_you")


def test_goods_by_weight_keep_their_weight(host: Any) -> None:
    tea = host.product("tea", by_weight=True)
    browser = host.customer("ann")
    browser.post("/basket/put/", {"product": tea.pk, "quantity": "0.125"})
    host.check_out(browser)
    event = Event.objects.get(kind=Kind.PURCHASE)
    assert (event.quantity, event.unit_price, event.currency) == (Decimal("0.125"), Decimal(199), "CNY")


def test_each_store_shows_its_own_goods_at_its_own_prices(host: Any, things: list[Any]) -> None:
    only_here = host.product("only here", stores=["shanghai"])
    only_there = host.product("only there", stores=["paris"])

    def answer(**options: Any) -> dict[str, str]:
        found = host.browser().get("/personalization/v1/slots/for_you/", **options).json()["items"]
        return {item["item"]: f"{item['price']} {item['currency']}" for item in found}

    here, there = answer(), answer(headers=PARIS)
    assert host.key(only_here) in here
    assert host.key(only_there) in there
    assert not {host.key(only_there)} & here.keys()
    assert not {host.key(only_here)} & there.keys()
    assert set(here.values()) == {"199.00 CNY"}
    assert set(there.values()) == {"25.50 EUR"}


def test_what_happens_in_a_store_is_told_of_that_store(host: Keeper, things: list[Any]) -> None:
    browser = host.browser()
    browser.defaults["HTTP_HOST"] = PARIS["Host"]
    tell(browser, "view", host.key(things[0]))
    browser.post("/basket/put/", {"product": things[0].pk})
    host.check_out(browser)
    assert set(Event.objects.values_list("kind", "store")) == {
        (Kind.VIEW, "paris"),
        (Kind.PURCHASE, "paris"),
    }
    assert Event.objects.get(kind=Kind.PURCHASE).currency == "EUR"


def test_scores_go_up_to_ten(host: Keeper, things: list[Any]) -> None:
    browser = host.customer("ann")

    def score(value: int) -> HttpResponse:
        body = json.dumps({"item": host.key(things[0]), "value": value})
        return browser.post("/personalization/v1/ratings/", body, content_type="application/json")

    assert score(11).status_code == 400
    assert score(10).status_code == 200
    rating = Rating.objects.get()
    assert (rating.value, rating.scale_low, rating.scale_high) == (10, 0, 10)


def test_the_async_page_has_its_block_without_any_script(host: Keeper, things: list[Any]) -> None:
    page = host.browser().get(host.pages(things[0])["product"])
    assert "data-token" in page.content.decode()
    assert "thing 1" in block_names(host.browser(), page, "similar")


def test_our_texts_are_chinese_as_the_shops_are(host: Keeper, things: list[Any]) -> None:
    page = host.browser().get(host.pages(things[0])["product"])
    assert "新品上架" in blocks(host.browser(), page)["similar"]


def test_nothing_on_a_page_needs_what_its_policy_forbids(host: Keeper, things: list[Any]) -> None:
    for address in host.pages(things[0]).values():
        browser = host.browser()
        page = browser.get(address)
        assert "default-src 'none'" in page["Content-Security-Policy"]
        markup = page.content.decode() + "".join(blocks(browser, page).values())
        assert "style=" not in markup
        assert "<style" not in markup
        assert not any(part.split(">")[0].find("src=") < 0 for part in markup.split("<script")[1:])


def test_what_hangs_in_a_store_is_counted_over_all_sizes(host: Any) -> None:
    shirt = host.product("shirt", sizes="SML", stock="4", color="red")
    cloth = host.product("cloth", stock="2.5", by_weight=True)
    shirt.variants.first().delete()
    shirt.variants.last().stocks.filter(store="paris").update(quantity=0)
    keys = [host.key(shirt), host.key(cloth)]
    left = {
        store: [find_item_facts(keys, page=Page(store=store))[key]["item.stock"] for key in keys]
        for store in ("paris", "shanghai")
    }
    assert left == {"paris": [4, Decimal("2.5")], "shanghai": [8, Decimal("2.5")]}
    assert get_adapter().cards(keys, Page())[keys[0]].attributes == {"color": "red"}
