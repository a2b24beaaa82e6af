"""A plain shop read by attributes alone: names guessed, eligibility and cards in one query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.test import override_settings

from personalization.adapters import DeclarativeAdapter, Page
from personalization.engine.instants import to_micros
from personalization.engine.types import Card, ItemRecord
from shop_demo.models import Category, Product

PAGE = Page()


class Shop(DeclarativeAdapter):
    product_model = "shop_demo.Product"
    key_field = "sku"
    category_field = "category__name"
    tags_field = "tags"
    currency = "EUR"
    available = Q(available=True, stock__gt=0)


class Groups(DeclarativeAdapter):
    """A model without a price, a category, a page or an availability."""

    product_model = "auth.Group"


class Users(DeclarativeAdapter):
    """A model that says with another word what is available, and has tags as text."""

    product_model = "auth.User"
    key_field = "username"
    title_field = "first_name"
    tags_field = "last_name"


@pytest.fixture
def products(db: None) -> list[Product]:
    """A mug for sale, a jug that is sold out, a bowl that is hidden."""
    cups = Category.objects.create(name="Cups", slug="cups")
    return [
        Product.objects.create(
            sku="mug", name="Mug", category=cups, price="4.50", stock=3, tags=["new", "red"]
        ),
        Product.objects.create(sku="jug", name="Jug", category=cups, price=9, stock=0),
        Product.objects.create(sku="bowl", name="Bowl", category=cups, price=2, stock=1, available=False),
    ]


def test_a_record_is_what_learning_keeps(products: list[Product]) -> None:
    assert Shop().find_items(["mug"]) == [
        ItemRecord("mug", "Mug", "Cups", "4.50", "EUR", ("new", "red"), url=products[0].get_absolute_url())
    ]


def test_what_a_picture_looks_like_is_a_list_of_numbers(products: list[Product]) -> None:
    class Looking(Shop):
        picture_descriptor_field = "tags"  # any column with a list

    products[0].tags = [0.5, 0.25]
    products[0].save()
    looks = {one.key: one.picture_descriptor for one in Looking().find_items(["mug", "jug"])}
    assert looks == {"mug": (0.5, 0.25), "jug": ()}


def test_every_product_is_read_in_one_query(products: list[Product], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert {record.key for record in Shop().iter_items()} == {"mug", "jug", "bowl"}


def test_cards_and_eligibility_are_one_query(products: list[Product], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        cards = Shop().cards(["mug", "jug", "bowl", "nothing"], PAGE)
    assert {key: card.eligible for key, card in cards.items()} == {"mug": True, "jug": False, "bowl": False}
    assert cards["mug"] == Card(
        "mug",
        "Mug",
        url="/products/mug/",
        price="4.50",
        currency="EUR",
        category="Cups",
        stock=3,
        tags=("new", "red"),
    )


def test_the_newest_come_first_and_only_those_for_sale(products: list[Product]) -> None:
    Product.objects.create(sku="new", name="New", category=products[0].category, price=1, stock=1)
    assert Shop().newest_keys(5, PAGE) == ["new", "mug"]
    assert Shop().newest_keys(1, PAGE) == ["new"]


@override_settings(PERSONALIZATION={"PRODUCT_MODEL": "shop_demo.Product"})
def test_the_product_model_alone_is_enough(products: list[Product], django_assert_num_queries: Any) -> None:
    adapter, (mug, jug, bowl) = DeclarativeAdapter(), products
    with django_assert_num_queries(1):  # the category is joined although only its name was guessed
        cards = adapter.cards([str(mug.pk), str(jug.pk), str(bowl.pk)], PAGE)
    card = cards[str(mug.pk)]
    assert (card.title, card.price, card.category, card.eligible) == ("Mug", "4.50", "Cups", True)
    assert cards[str(jug.pk)].eligible  # that nothing is in stock is told, and is no reason of itself
    assert [cards[str(one.pk)].stock for one in products] == [3, 0, 1]
    assert card.tags is None  # what nobody told is not known to be nothing
    assert not cards[str(bowl.pk)].eligible


def test_what_is_not_there_is_left_empty(db: None) -> None:
    group = Group.objects.create(name="all")
    assert Groups().find_items([str(group.pk)]) == [ItemRecord(str(group.pk), "all")]
    assert Groups().cards([str(group.pk)], PAGE)[str(group.pk)] == Card(str(group.pk), "all")
    assert Groups().newest_keys(9, PAGE) == [str(group.pk)]


def test_other_words_for_available_are_understood(db: None) -> None:
    User.objects.create_user("ann", last_name="a|b")
    User.objects.create_user("bob", is_active=False)
    cards = Users().cards(["ann", "bob"], PAGE)
    assert cards["ann"].title == "ann"  # nothing stands in the title field: the product's own text
    assert [cards[key].eligible for key in ("ann", "bob")] == [True, False]
    assert [record.tags for record in Users().find_items(["ann", "bob"])] == [("a", "b"), ()]


@pytest.mark.parametrize(
    "key", ["", " 1", "1 ", "01", "+1", "1.0", "1e3", "१", "x", "9" * 5000, "-0", "a\0b", "\ud800"]
)
@override_settings(PERSONALIZATION={"PRODUCT_MODEL": "shop_demo.Product"})
def test_a_key_that_is_not_written_so_is_no_product(products: list[Product], key: str) -> None:
    assert DeclarativeAdapter().find_items([key]) == []
    assert DeclarativeAdapter().cards([key], PAGE) == {}


@pytest.mark.parametrize("key", ["MUG", " mug", "mug ", "mug\0", "\ud800", "x" * 300])
def test_text_keys_are_exact(products: list[Product], key: str) -> None:
    assert key not in Shop().cards([key], PAGE)


@pytest.mark.parametrize(("product", "key"), [(Product(sku="mug"), "mug"), ("mug", "mug"), (7, "7")])
def test_a_key_is_read_from_the_key_field(product: object, key: str) -> None:
    assert Shop().key_of(product) == key


def test_a_product_without_an_address_of_its_own_does_not_break_the_others(products: list[Product]) -> None:
    Product.objects.filter(sku="mug").update(sku="a/b")  # the shop's address takes no slash
    assert Shop().cards(["a/b", "jug"], PAGE)["a/b"].url == ""


class Facts(Shop):
    """Whatever else rules may want to know."""

    brand_field = "category__name"
    created_field = "category__name"
    attribute_fields = {
        "Form & so on": "shape",
        "for sale": "for_sale",
        "price": "price",
        "group": "category__slug",
    }


def test_facts_are_read_in_the_same_query(products: list[Product], django_assert_num_queries: Any) -> None:
    Product.objects.filter(sku="mug").update(shape="round")
    with django_assert_num_queries(1):
        cards = Facts().cards(["mug", "jug"], PAGE)
    (record,) = Facts().find_items(["mug"])
    assert (record.brand, record.stock, record.listed_at) == (
        "Cups",
        None,
        None,
    )  # stock is no learning's matter
    assert record.attributes == cards["mug"].attributes
    assert cards["mug"].attributes == {
        "Form & so on": "round",
        "for sale": "true",
        "price": "4.50",
        "group": "cups",
    }
    assert cards["jug"].attributes == {"for sale": "false", "price": "9.00", "group": "cups"}
    assert (cards["mug"].brand, cards["jug"].stock, cards["mug"].listed_at) == ("Cups", 0, None)


def test_since_when_it_is_sold_is_the_moment_by_which_the_newest_come_first(db: None) -> None:
    class Joined(Users):
        created_field = "date_joined"

    early, late = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 3, 1, tzinfo=UTC)
    adapter = Joined()
    assert adapter.listed_at(User(date_joined=late)) == to_micros(late)
    assert adapter.listed_at(User(date_joined=early)) is None
