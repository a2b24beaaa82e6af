from dataclasses import fields
from decimal import Decimal

import numpy as np
import pytest
from django.db import DataError, connection

from personalization.engine.ids import digest
from personalization.engine.types import Kind
from personalization.models import Event, Item, Visitor
from personalization.store import extract, id_ranges
from personalization.store.extract import extract_events

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


def item(key="a", *, tenant="", price=None, currency=""):
    return Item.objects.create(
        tenant=tenant,
        key=key,
        digest=digest(key),
        price=price,
        currency=currency,
        created_at=NOW,
        updated_at=NOW,
    )


def visitor(*, person=None, tenant=""):
    return Visitor.objects.create(tenant=tenant, person=person, created_at=NOW)


def event(
    who,
    what,
    *,
    kind=Kind.PURCHASE,
    at=NOW,
    quantity="1",
    flags=0,
    tenant="",
    price=None,
    currency="",
    order="",
):
    return Event.objects.create(
        digest=digest(str(Event.objects.count()), tenant),
        tenant=tenant,
        kind=kind,
        source=Event.Source.IMPORT,
        visitor=who,
        item=what,
        quantity=Decimal(quantity),
        flags=flags,
        unit_price=None if price is None else Decimal(price),
        currency=currency,
        order=order,
        occurred_at=at,
        received_at=NOW,
    )


def test_every_column_comes_with_its_type():
    who, what = visitor(), item()
    event(who, what, kind=Kind.VIEW, quantity="2.5", flags=3, at=NOW + 1)
    events = extract_events("", NOW + 2)
    assert (events.person.tolist(), events.item.tolist()) == ([who.pk], [what.pk])
    assert (events.kind.tolist(), events.flags.tolist()) == ([1], [3])
    assert (events.quantity.tolist(), events.occurred_at.tolist()) == ([2.5], [NOW + 1])
    assert [events.person.dtype, events.item.dtype, events.kind.dtype] == [np.int64, np.int32, np.int16]
    assert [events.quantity.dtype, events.occurred_at.dtype] == [np.float64, np.int64]


def test_prices_and_orders_are_numbers():
    who, what = visitor(), item()
    for price, order in (
        ("2.5000", "A-1"),
        (None, ""),
        ("0", "a-1"),
        ("99999999999", "A-1"),
        ("0.0001", "商"),
    ):
        event(who, what, price=price, order=order)
    events = extract_events("", NOW + 1)
    np.testing.assert_equal(events.price, np.array([2.5, np.nan, 0, 99999999999, 0.0001], np.float32))
    assert events.order[0] == events.order[3]
    assert len(set(events.order.tolist())) == 4
    assert (events.order[1], events.order[[0, 2, 4]].min() >= 0) == (-1, True)
    assert [events.price.dtype, events.order.dtype] == [np.float32, np.int64]


def test_prices_of_another_currency_are_not_known():
    """Most items cost euros: 70 yuan say nothing beside 9 euros."""
    for key, currency, price in (
        ("a", "EUR", 9),
        ("b", "EUR", 9),
        ("c", "CNY", 70),
        ("d", "CNY", None),
        ("e", "CNY", None),
    ):
        item(key, price=price, currency=currency)
    who, what = visitor(), Item.objects.get(key="a")
    for price, currency in (("9", "EUR"), ("70", "CNY"), ("8", ""), (None, "EUR")):
        event(who, what, price=price, currency=currency)
    told = extract_events("", NOW + 1).price
    np.testing.assert_equal(told, np.array([9, np.nan, 8, np.nan], np.float32))


def test_prices_are_known_where_no_item_says_its_currency():
    who, what = visitor(), item()
    event(who, what, price="9", currency="EUR")
    event(who, what, price="70", currency="CNY")
    assert extract_events("", NOW + 1).price.tolist() == [9, 70]


def test_some_of_them_can_be_taken():
    who, what = visitor(), item()
    for number in range(3):
        event(who, what, at=NOW - number, order=str(number))
    events = extract_events("", NOW + 1)
    taken = events.take(np.array([True, False, True]))
    assert taken.occurred_at.tolist() == [NOW, NOW - 2]
    assert taken.order.tolist() == events.order[[0, 2]].tolist()


def test_a_person_stands_for_all_visitors_of_theirs():
    person, what = visitor(), item()
    browser = visitor(person=person)
    event(browser, what)
    event(person, what)
    assert extract_events("", NOW + 1).person.tolist() == [person.pk, person.pk]


def test_only_what_happened_before_until_with_an_item_in_this_tenant():
    who, what = visitor(), item()
    event(who, what, at=NOW)
    event(who, what, at=NOW - 1)
    event(who, None, at=NOW - 1)
    event(visitor(tenant="b"), item("b", tenant="b"), at=NOW - 1, tenant="b")
    assert extract_events("", NOW).occurred_at.tolist() == [NOW - 1]
    assert len(extract_events("b", NOW)) == 1


def test_an_item_beyond_31_bits_is_refused_and_never_another_one():
    below = 7 - 2**32  # a number beyond would be what the database counts on from
    what = Item.objects.create(pk=below, key="far", digest=digest("far"), created_at=NOW, updated_at=NOW)
    event(visitor(), what)
    with pytest.raises((DataError, OverflowError)):
        extract_events("", NOW + 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="others send rows")
def test_bytes_may_come_as_digits(monkeypatch):
    """As psycopg2 has them."""
    who, what = visitor(), item()
    event(who, what, price="2.5", order="A-1", quantity="1.5")
    event(who, what, kind=Kind.VIEW, at=NOW - 5)
    binary = extract_events("", NOW + 1)
    monkeypatch.setattr(extract, "psycopg", None)
    digits = extract_events("", NOW + 1)
    for part in fields(binary):
        np.testing.assert_array_equal(getattr(binary, part.name), getattr(digits, part.name))


def test_no_events_give_empty_arrays():
    events = extract_events("", NOW)
    assert len(events) == 0
    assert events.quantity.dtype == np.float64


def test_blocks_are_joined_in_the_order_of_storing(monkeypatch):
    monkeypatch.setattr(id_ranges, "SIZE", 3)
    who, what = visitor(), item()
    for number in range(10):
        event(who, what, at=NOW - number)
    assert extract_events("", NOW + 1).occurred_at.tolist() == [NOW - number for number in range(10)]


def test_ids_that_are_gone_leave_no_hole(monkeypatch):
    monkeypatch.setattr(id_ranges, "SIZE", 3)
    who, what = visitor(), item()
    for number in range(20):
        event(who, what, at=NOW - number)
    Event.objects.filter(occurred_at__lt=NOW - 4, occurred_at__gt=NOW - 17).delete()
    kept = [*range(5), 17, 18, 19]
    assert extract_events("", NOW + 1).occurred_at.tolist() == [NOW - number for number in kept]
