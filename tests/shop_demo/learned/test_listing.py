"""Lists of products: searched, narrowed, sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shop_demo.models import Product
from shop_demo.stores import EUROPE

if TYPE_CHECKING:
    from django.test import Client

    from shop_demo.cards import ProductCard

pytestmark = pytest.mark.usefixtures("learned_shop", "db")


def listed(client: Client, **asked: Any) -> list[Product]:
    cards: list[ProductCard] = client.get("/products/", asked).context["cards"]
    return [card.product for card in cards]


def test_prices_sort_both_ways_and_limit(client: Client) -> None:
    up = [one.price for one in listed(client, sort="cheapest", **{"from": "50", "to": "80"})]
    down = [one.price for one in listed(client, sort="dearest", **{"from": "50", "to": "80"})]
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
    assert up[0] >= 50
    assert down[0] <= 80


def test_the_newest_come_first(client: Client) -> None:
    days = [one.launched_on for one in listed(client, sort="newest") if one.launched_on]
    assert days == sorted(days, reverse=True)
    assert len(days) > 1


def test_brand_stock_activity_and_season_narrow(client: Client) -> None:
    brand = Product.objects.sold_in(EUROPE).filter(tags__icontains='"climbing"', stock__gt=0)[0].brand
    found = listed(client, brand=brand, use="climbing", stock="1")
    assert found
    assert all(one.brand == brand and "climbing" in one.tags and one.stock for one in found)
    winter = listed(client, season="winter")
    assert {one.attributes["season"] for one in winter} == {"winter"}


@pytest.mark.parametrize(
    "asked", [{"from": "NaN"}, {"to": "-1"}, {"brand": "x"}, {"use": "x"}, {"sort": "x"}]
)
def test_what_makes_no_sense_is_left_aside(client: Client, asked: dict[str, str]) -> None:
    assert listed(client, **asked) == listed(client)


def test_the_name_counts_before_the_rest(client: Client) -> None:
    answer = client.get("/products/", {"q": "tent"})
    named = ["tent" in card.product.name.lower() for card in answer.context["cards"]]
    assert named[0]
    assert named == sorted(named, reverse=True)


@pytest.mark.parametrize("of", ["brand", "name_zh", "description"])
def test_everything_said_of_a_product_finds_it(client: Client, of: str) -> None:
    wanted = Product.objects.sold_in(EUROPE).exclude(brand="").exclude(name_zh="")[0]
    found = client.get(
        "/products/", {"q": getattr(wanted, of)[:90].rpartition(" ")[0] or getattr(wanted, of)}
    )
    assert found.context["paginator"].count
    assert "Nothing was found" not in found.content.decode()


def test_a_category_is_found_by_its_name_in_chinese(client: Client) -> None:
    client.post("/language/setlang/", {"language": "zh-hans"})
    assert "tents" in {one.category.slug for one in listed(client, q="帐篷")}


def test_nothing_found_still_shows_what_is_popular(client: Client) -> None:
    answer = client.get("/products/", {"q": "zzzz"})
    assert "Nothing was found" in answer.content.decode()
    assert len(answer.context["instead"]) == 4


def test_a_long_list_costs_as_much_as_a_short_one(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        assert len(listed(client)) == 24
