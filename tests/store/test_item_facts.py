from decimal import Decimal

import pytest

from personalization.adapters import Page, get_adapter
from personalization.engine.rules.facts import Money
from personalization.engine.types import Card, ItemRecord
from personalization.models import Item
from personalization.store.item_facts import facts_of_cards, find_item_facts
from personalization.store.items import upsert_items
from shop_demo.models import Category, Product
from tests.served import CATALOG, NOW


def facts(**fields):
    return facts_of_cards({"a": Card("a", "A", **fields)})["a"]


def test_what_a_card_knows_is_told_by_its_type():
    assert facts(
        price="12.50",
        currency="EUR",
        category="tents",
        brand="North",
        stock=3,
        tags=("light", "green", "light"),
        attributes={"color": "red", "Size (EU)": "38"},
        listed_at=NOW,
    ) == {
        "item.key": "a",
        "item.price": Money(Decimal("12.50"), "EUR"),
        "item.category": "tents",
        "item.brand": "North",
        "item.stock": 3,
        "item.tags": frozenset({"light", "green"}),
        "item.attribute:color": "red",
        "item.attribute:Size (EU)": "38",
        "item.listed_at": NOW,
    }


def test_what_a_card_does_not_know_is_left_out():
    assert facts(attributes={"color": ""}) == {"item.key": "a"}


def test_no_tags_are_known_to_be_none():
    assert facts(tags=())["item.tags"] == frozenset()


@pytest.mark.parametrize(
    ("price", "currency"),
    [
        ("", "EUR"),
        ("12.50", ""),
        ("free", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1" * 12, "EUR"),
        ("9" * 40, "EUR"),
    ],
)
def test_a_price_that_is_none_is_unknown(price, currency):
    assert "item.price" not in facts(price=price, currency=currency)


def test_amounts_have_as_many_decimals_as_columns_hold():
    assert facts(price="0.00005", currency="EUR")["item.price"] == Money(Decimal("0.0000"), "EUR")
    assert facts(price="0.1235", currency="EUR")["item.price"] == Money(Decimal("0.1235"), "EUR")


@pytest.mark.parametrize(
    ("stock", "told"),
    [(0, "0"), (-2, "-2"), (Decimal("3.000"), "3"), (Decimal("2.500"), "2.5"), (Decimal("1E+2"), "100")],
)
def test_stocks_are_written_alike_whatever_holds_them(stock, told):
    assert str(facts(stock=stock)["item.stock"]) == told


def test_a_stock_that_is_no_number_is_unknown():
    assert "item.stock" not in facts(stock=Decimal("NaN"))


def test_texts_are_as_long_as_those_of_what_was_bought():
    long = facts(category="c" * 300, brand="b" * 300)
    assert (len(long["item.category"]), len(long["item.brand"])) == (255, 255)


def test_facts_are_found_by_key(db, settings, django_assert_num_queries):
    settings.PERSONALIZATION = CATALOG
    records = [
        ItemRecord("a", price="5", currency="EUR", tags=("x",), stock=2),
        ItemRecord("b", active=False),
    ]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=NOW)
    with django_assert_num_queries(1):
        found = find_item_facts(["a", "b", "nowhere"], page=Page())
    assert found == {
        "a": {
            "item.key": "a",
            "item.price": Money(Decimal(5), "EUR"),
            "item.tags": frozenset({"x"}),
            "item.stock": 2,
        },
        "b": {"item.key": "b", "item.tags": frozenset()},
    }


def test_tags_that_cards_do_not_tell_are_those_that_learning_keeps(db, settings, django_assert_num_queries):
    settings.PERSONALIZATION = {"PRODUCT_MODEL": "shop_demo.Product"}
    cups = Category.objects.create(name="Cups", slug="cups")
    mug, jug = (
        str(Product.objects.create(sku=sku, name=sku, category=cups, price=9, stock=4).pk) for sku in "mj"
    )
    learned = [ItemRecord(mug, tags=("new",)), ItemRecord(mug, tags=("other tenant",))]
    for record, tenant in zip(learned, ("", "other"), strict=True):
        upsert_items([record], tenant=tenant, origin=Item.Origin.ADAPTER, now=NOW)
    assert get_adapter().cards([mug], Page())[mug].tags is None
    with django_assert_num_queries(2):
        found = find_item_facts([mug, jug], page=Page())
    assert found[mug]["item.tags"] == frozenset({"new"})
    assert "item.tags" not in found[jug]
    assert found[jug]["item.stock"] == 4


def test_nothing_is_asked_of_nothing(db, settings):
    settings.PERSONALIZATION = CATALOG
    assert find_item_facts([], page=Page()) == {}
