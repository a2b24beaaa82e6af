"""Orders as different shops keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db.models import Q
from django.test import override_settings

from personalization.adapters import DeclarativeAdapter
from personalization.adapters.order_paths import DeclarationError
from personalization.engine.instants import to_micros
from personalization.engine.types import Identity, IdentityKind, OrderLine
from tests.adapters.bazaar import stored
from tests.adapters.bazaar.models import (
    Basketful,
    BasketItem,
    Booking,
    Client,
    Good,
    Payment,
    Purchase,
    PurchaseRow,
    Receipt,
    ReceiptLine,
    Return,
    Wishful,
)
from tests.people import make_person

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Shop(DeclarativeAdapter):
    product_model = "bazaar.Good"
    parent_field = "parent"
    currency = "EUR"


class Purchases(Shop):
    """Nothing but the model: the rest is found by where relations lead."""

    order_model = "bazaar.Purchase"
    order_key_field = "number"
    order_store_field = "market"
    refunds_name = "purchaserow_set__returns"


@pytest.fixture
def hat(bazaar: None) -> Good:
    return Good.objects.create(code="hat", added_at=stored(NOON))


@pytest.fixture
def purchase(hat: Good) -> Purchase:
    """Two and a half small hats, and something that is not sold any more."""
    user = make_person("ann")
    client = Client.objects.create(user=user, email="ann@example.com")
    small = Good.objects.create(code="hat-s", parent=hat, added_at=stored(NOON))
    made = Purchase.objects.create(
        number="P1",
        customer=client,
        order_date=stored(NOON),
        updated=stored(NOON),
        market="paris",
        currency="CNY",
    )
    PurchaseRow.objects.create(purchase=made, thing=small, qty="2.500", unit_price=19.990000000000002)
    PurchaseRow.objects.create(purchase=made, thing=None, qty=1, unit_price=1)
    return made


def test_lines_users_and_prices_are_found_by_themselves(purchase: Purchase, hat: Good) -> None:
    record = Purchases().find_order("P1")
    assert record is not None
    row = PurchaseRow.objects.get(thing__code="hat-s")
    assert record.lines == (OrderLine(str(hat.pk), "2.500", "19.99", str(row.pk)),)
    assert record.identity == Identity(IdentityKind.USER, str(purchase.customer.user.pk))
    assert (record.placed_at, record.currency, record.store) == (to_micros(NOON), "CNY", "paris")


def test_a_customer_who_cannot_sign_in_is_an_address(purchase: Purchase) -> None:
    Client.objects.update(user=None)
    record = Purchases().find_order("P1")
    assert record is not None
    assert record.identity == Identity(IdentityKind.EMAIL, "ann@example.com")


def test_an_order_of_nobody_has_no_identity(purchase: Purchase) -> None:
    Purchase.objects.update(customer=None)
    record = Purchases().find_order("P1")
    assert record is not None
    assert record.identity is None


def test_a_draft_is_no_order_yet(purchase: Purchase) -> None:
    Purchase.objects.update(order_date=None)
    assert Purchases().find_order("P1") is None
    assert list(Purchases().iter_orders(0)) == []


def test_what_was_given_back_is_told_with_its_moment(purchase: Purchase, hat: Good) -> None:
    row = PurchaseRow.objects.get(thing__code="hat-s")
    back = Return.objects.create(row=row, quantity="0.500", returned_at=stored(NOON + DAY))
    record = Purchases().find_order("P1")
    assert record is not None
    assert record.refunds == (OrderLine(str(hat.pk), "0.500", "19.99", str(back.pk), to_micros(NOON + DAY)),)


def test_changed_orders_come_again(purchase: Purchase) -> None:
    later = to_micros(NOON + DAY)
    assert list(Purchases().iter_orders(later)) == []
    row = PurchaseRow.objects.get(thing__code="hat-s")
    for _ in range(2):
        Return.objects.create(row=row, quantity=1, returned_at=stored(NOON + DAY))
    assert [record.key for record in Purchases().iter_orders(later)] == ["P1"]  # once
    Return.objects.all().delete()
    assert list(Purchases().iter_orders(later)) == []
    Purchase.objects.update(updated=stored(NOON + DAY))
    assert [record.key for record in Purchases().iter_orders(later)] == ["P1"]


def test_many_orders_cost_as_many_statements_as_one(
    purchase: Purchase, hat: Good, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        client = Client.objects.create(user=make_person(f"bob{number}"), email="bob@example.com")
        another = Purchase.objects.create(
            number=f"Q{number}", customer=client, order_date=stored(NOON + DAY * number), updated=stored(NOON)
        )
        for _ in range(3):
            row = PurchaseRow.objects.create(purchase=another, thing=hat, qty=1, unit_price=5)
            Return.objects.create(row=row, quantity=1, returned_at=stored(NOON))
    adapter = Purchases()
    with django_assert_num_queries(
        3
    ):  # orders with their people, lines with their goods, what was given back
        records = list(adapter.iter_orders(0))
    assert [record.key for record in records] == ["P1", "Q0", "Q1", "Q2", "Q3", "Q4"]
    assert records == [adapter.find_order(record.key) for record in records]


def test_conditions_may_speak_of_other_tables(purchase: Purchase) -> None:
    class Paid(Purchases):
        order_counts = Q(payments__state="paid")
        order_cancelled = Q(payments__state="reversed")

    assert Paid().find_order("P1") is None
    for state in ("paid", "paid"):
        Payment.objects.create(purchase=purchase, state=state)
    assert [record.cancelled for record in Paid().iter_orders(0)] == [False]
    Payment.objects.create(purchase=purchase, state="reversed")
    assert [record.cancelled for record in Paid().iter_orders(0)] == [True]


def test_a_cart_that_becomes_an_order(hat: Good) -> None:
    class Baskets(Shop):
        order_model = "bazaar.Basketful"
        order_counts = Q(ordered=True)

    user = make_person("ann")
    open_, closed = (
        Basketful.objects.create(user=user, ordered=ordered, ordered_date=stored(NOON))
        for ordered in (False, True)
    )
    item = BasketItem.objects.create(item=hat, quantity=3)
    for basket in (open_, closed):
        basket.items.add(item)
    (record,) = Baskets().iter_orders(0)
    assert (record.key, record.lines) == (
        str(closed.pk),
        (OrderLine(str(hat.pk), "3", "", str(item.pk)),),
    )


def test_an_order_of_one_product_is_its_own_line(hat: Good) -> None:
    class Bookings(Shop):
        order_model = "bazaar.Booking"

    booked = Booking.objects.create(good=hat, email="ann@example.com", date=date(2026, 3, 1))
    record = Bookings().find_order(str(booked.pk))
    assert record is not None
    assert record.lines == (OrderLine(str(hat.pk), key=str(booked.pk)),)
    assert record.identity == Identity(IdentityKind.EMAIL, "ann@example.com")
    Booking.objects.update(email="")
    assert [record.identity for record in Bookings().iter_orders(record.placed_at)] == [None]


def test_days_begin_where_the_shop_is(hat: Good) -> None:
    class Bookings(Shop):
        order_model = "bazaar.Booking"

    Booking.objects.create(good=hat, date=date(2026, 3, 1))
    with override_settings(TIME_ZONE="Asia/Shanghai"):
        (record,) = Bookings().iter_orders(to_micros(NOON))  # in the middle of that day
        assert record.placed_at == to_micros(datetime(2026, 2, 28, 16, tzinfo=UTC))
        assert not list(Bookings().iter_orders(to_micros(NOON + DAY)))


@override_settings(USE_TZ=False, TIME_ZONE="Asia/Shanghai")
def test_naive_moments_are_of_the_shops_zone(hat: Good) -> None:
    class Wishes(Shop):
        order_model = "bazaar.Wishful"

    made = Wishful.objects.create(created=datetime(2026, 3, 1, 20))  # noqa: DTZ001 - noon in UTC
    made.goods.add(hat)
    (record,) = Wishes().iter_orders(to_micros(NOON))
    assert record.placed_at == to_micros(NOON)
    assert not list(Wishes().iter_orders(to_micros(NOON) + 1))


def test_an_order_may_be_of_products_themselves(hat: Good) -> None:
    class Wishes(Shop):
        order_model = "bazaar.Wishful"

    Wishful.objects.create(created=stored(NOON)).goods.add(hat)
    (record,) = Wishes().iter_orders(0)
    assert record.lines == (OrderLine(str(hat.pk), key=str(hat.pk)),)


def test_lines_may_hold_keys(hat: Good) -> None:
    class Receipts(Shop):
        key_field = "code"
        order_model = "bazaar.Receipt"
        line_quantity_field = "amount"

    receipt = Receipt.objects.create(created_at=stored(NOON))
    for sku in ("hat", ""):
        ReceiptLine.objects.create(receipt=receipt, sku=sku, amount=2)
    (record,) = Receipts().iter_orders(0)
    assert [(line.item, Decimal(line.quantity)) for line in record.lines] == [("hat", 2)]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"order_model": "bazaar.Shelf", "lines_name": "goods"},
            "says when it was placed; set order_date_field",
        ),
        (
            {"order_model": "bazaar.Client", "order_date_field": "pk"},
            "lines that name products; set lines_name",
        ),
        ({"lines_name": "rows"}, "lines_name = 'rows' is no relation from bazaar.Purchase to several rows"),
        ({"refunds_name": "customer"}, "refunds_name = 'customer' is no relation"),
    ],
)
def test_what_is_missing_is_said(bazaar: None, attributes: dict[str, str], message: str) -> None:
    wrong = type("Wrong", (Purchases,), {"refunds_name": "", **attributes})
    with pytest.raises(DeclarationError, match=message):
        list(wrong().iter_orders(0))


@pytest.mark.parametrize("key", ["", "p1", "P1 ", "\0", "x" * 300, "9" * 30])
def test_keys_of_no_order(purchase: Purchase, key: str) -> None:
    assert Purchases().find_order(key) is None

    class ByNumber(Purchases):
        order_key_field = "pk"

    assert ByNumber().find_order(key) is None
