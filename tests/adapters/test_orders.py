from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.db.models import Q

from personalization.adapters import DeclarativeAdapter
from personalization.engine.instants import to_micros
from personalization.engine.types import Identity, IdentityKind, OrderLine
from shop_demo.models import Category, Order, Product
from shop_demo.models import OrderLine as Line

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Plain(DeclarativeAdapter):
    """What a host writes for a shop whose names are the usual ones."""

    product_model = "shop_demo.Product"
    key_field = "sku"
    currency = "EUR"
    order_model = "shop_demo.Order"
    order_key_field = "number"
    order_cancelled = Q(cancelled_at__isnull=False)


@pytest.fixture
def orders(db: None) -> list[Order]:
    """Three orders, a day apart, of two lines each."""
    category = Category.objects.create(name="Cups", slug="cups")
    mug, cup = (
        Product.objects.create(sku=sku, name=sku, category=category, price="9.50", stock=3)
        for sku in ("mug", "cup")
    )
    made = []
    for number in range(3):
        user = User.objects.create_user(f"ann{number}")
        placed = NOON + timedelta(days=number)
        order = Order.objects.create(customer=user, number=f"W{number}", placed_at=placed)
        Line.objects.create(order=order, product=mug, quantity=2, unit_price="9.50")
        Line.objects.create(order=order, product=cup, quantity=1, unit_price="8.00")
        made.append(order)
    return made


def test_an_order_is_read_by_the_usual_names(orders: list[Order]) -> None:
    record = Plain().find_order("W0")
    assert record is not None
    first, second = (str(line.pk) for line in orders[0].lines.order_by("pk"))
    assert record.lines == (OrderLine("mug", "2", "9.50", first), OrderLine("cup", "1", "8.00", second))
    assert (record.key, record.placed_at, record.currency) == ("W0", to_micros(NOON), "EUR")
    assert record.identity == Identity(IdentityKind.USER, str(orders[0].customer_id))
    assert not record.cancelled


def test_orders_come_oldest_first_in_few_statements(
    orders: list[Order], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # orders with users, lines with products, however many there are
        records = list(Plain().iter_orders(0))
    assert [record.key for record in records] == ["W0", "W1", "W2"]
    assert records == [Plain().find_order(record.key) for record in records]


@pytest.mark.parametrize(("since", "expected"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_only_what_was_placed_since(orders: list[Order], since: int, expected: int) -> None:
    assert len(list(Plain().iter_orders(to_micros(NOON + timedelta(days=since))))) == expected


def test_a_cancelled_order_says_so(orders: list[Order]) -> None:
    Order.objects.filter(number="W1").update(cancelled_at=NOON)
    assert [record.cancelled for record in Plain().iter_orders(0)] == [False, True, False]


def test_orders_that_do_not_count_are_not_there(orders: list[Order]) -> None:
    class Counted(Plain):
        order_counts = Q(number="W2")

    assert [record.key for record in Counted().iter_orders(0)] == ["W2"]
    assert Counted().find_order("W1") is None


@pytest.mark.parametrize("key", ["", "W9", "w0", "\0", "x" * 300, "W0 "])
def test_a_key_of_no_order_finds_none(orders: list[Order], key: str) -> None:
    assert Plain().find_order(key) is None


def test_a_key_of_another_type_finds_none(orders: list[Order]) -> None:
    class ByNumber(Plain):
        order_key_field = "pk"

    assert ByNumber().find_order("W0") is None
    assert ByNumber().find_order(str(orders[0].pk)) is not None


def test_the_key_of_an_order_or_of_its_key(orders: list[Order]) -> None:
    assert Plain().order_key(orders[1]) == Plain().order_key("W1") == "W1"


def test_without_an_order_model_there_are_none(db: None) -> None:
    class Bare(DeclarativeAdapter):
        product_model = "shop_demo.Product"

    assert list(Bare().iter_orders(0)) == []
    assert Bare().find_order("1") is None
