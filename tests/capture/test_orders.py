"""What the shop says of one order → purchases and refunds, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import permutations

import pytest
from django.db import connections

from personalization.capture.checked_order import check_order
from personalization.capture.order_writer import write_orders
from personalization.capture.orders import cancel_order, record_order
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Item, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.standing import Choice
from personalization.store.visitors import find_visitor
from tests.capture.ordering import (
    ANN,
    DAY,
    GUEST,
    NOON,
    ORDERING,
    change,
    events,
    left,
    line,
    lose,
    open_shop,
    place,
)

pytestmark = pytest.mark.django_db

LATER = NOON + DAY
BROWSER = Identity(IdentityKind.VISITOR, "browser")


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PERSONALIZATION = ORDERING
    open_shop()


def record(key="o-1", now=LATER, **values):
    return record_order(key, now=now, **values)


def cancel(key="o-1", now=LATER, **values):
    return cancel_order(key, now=now, **values)


def refunds():
    return events(Kind.REFUND)


def test_a_line_keeps_all_that_the_order_says():
    place(line("cup", "2.5", "9.99", key="7"), currency="EUR", store="north")
    done = record()
    assert (done.orders, done.stored, done.duplicates, done.anonymous) == (1, 1, 0, 0)
    event = Event.objects.get()
    assert (event.kind, event.source, event.item.key) == (Kind.PURCHASE, Event.Source.ORDERS, "cup")
    assert (event.quantity, event.unit_price, event.currency) == (Decimal("2.5"), Decimal("9.99"), "EUR")
    assert (event.order, event.store, event.flags) == ("o-1", "north", 0)
    assert event.visitor_id == find_visitor(ANN, tenant="")
    assert (event.occurred_at.timestamp(), event.received_at.timestamp()) == (NOON / 1e6, LATER / 1e6)


@pytest.mark.parametrize("key", ["", "a", "1"])
def test_telling_again_stores_nothing(key):
    place(
        line("cup", key=key and f"{key}1"),
        line("cup", key=key and f"{key}2"),
        line("plate", key=key and f"{key}3"),
    )
    assert record().stored == 3
    done = record(now=LATER + 1)
    assert (done.stored, done.duplicates, done.refunds) == (0, 3, 0)
    assert events() == [("cup", 1), ("cup", 1), ("plate", 1)]


def test_lines_with_one_key_are_lines_all_the_same():
    place(line("cup", key="same"), line("plate", key="same"))
    assert record().stored == 2


def test_an_order_may_be_told_before_its_lines_and_line_by_line():
    place()
    assert record().stored == 0
    assert not Visitor.objects.exists()
    change(lines=(line("cup"),))
    assert record().stored == 1
    change(lines=(line("cup"), line("plate"), line("cup")))
    assert record().stored == 2
    assert events() == [("cup", 1), ("cup", 1), ("plate", 1)]
    assert Event.objects.values("visitor").distinct().count() == 1


def test_an_order_that_does_not_count_stores_nothing():
    assert record("unpaid").orders == 0
    assert cancel("unpaid").refunds == 0
    assert not Visitor.objects.exists()


def test_a_variant_is_the_product_that_is_recommended():
    place(line("shirt/red"), line("shirt/blue"))
    assert record().stored == 2
    assert events() == [("shirt", 1), ("shirt", 1)]
    assert list(Item.objects.values_list("key", flat=True)) == ["shirt"]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (line("unknown"), "unknown_item"),
        (line(""), "missing_item"),
        (line("x" * 256), "bad_key"),
        (line("a\0b"), "bad_key"),
        (line("\ud800"), "bad_key"),
        (line("cup", "0"), "bad_quantity"),
        (line("cup", "0.0001"), "bad_quantity"),
        (line("cup", "many"), "bad_quantity"),
        (line("cup", "NaN"), "bad_quantity"),
        (line("cup", "1e10"), "bad_quantity"),
        (line("cup", "-1"), "negative_quantity"),
        (line("cup", price="-1"), "bad_price"),
        (line("cup", price="Infinity"), "bad_price"),
        (line("cup", price="9" * 12), "bad_price"),
        (line("cup", at=1), "time_out_of_range"),
        (line("cup", at=LATER + 2 * DAY), "time_out_of_range"),
    ],
)
def test_a_line_that_cannot_be_stored_is_counted_and_the_others_go_on(odd, reason):
    place(odd, line("plate"))
    done = record()
    assert (done.stored, done.skipped) == (1, {reason: 1})
    assert events() == [("plate", 1)]


def test_floats_and_many_places_are_rounded():
    place(line("cup", "1.00049999", "19.990000000000002"))
    record()
    event = Event.objects.get()
    assert (event.quantity, event.unit_price) == (1, Decimal("19.99"))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("order", {"key": "x" * 65}),
        ("order", {"key": "a\0b"}),
        ("placed_at", {"placed_at": 0}),
        ("placed_at", {"placed_at": LATER + 2 * DAY}),
        ("identity", {"identity": Identity(IdentityKind.USER, "x" * 256)}),
        ("currency", {"currency": "euro"}),
        ("store", {"store": "x" * 33}),
    ],
)
def test_an_order_that_cannot_be_stored_is_refused_by_name(field, values):
    order = place(line(), **values)
    for tell in (record, cancel):
        with pytest.raises(InvalidInputError) as refusal:
            tell(order.key)
        assert refusal.value.field == field
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


@pytest.mark.parametrize(("field", "values"), [("order", {"key": " "}), ("tenant", {"tenant": "x" * 65})])
def test_what_is_no_key_is_refused(field, values):
    with pytest.raises(InvalidInputError) as refusal:
        record(**values)
    assert refusal.value.field == field


def test_tenants_do_not_meet():
    place(line())
    assert record().stored == record(tenant="t").stored == 1
    assert record(tenant="t").duplicates == 1
    assert cancel(tenant="t").refunds == 1
    assert Event.objects.get(kind=Kind.REFUND).tenant == "t"


# Whose it is.


def visitors():
    return set(Event.objects.values_list("visitor_id", flat=True))


def test_an_order_belongs_to_its_customer_before_the_browser():
    place(line())
    record(browser=BROWSER)
    assert visitors() == {find_visitor(ANN, tenant="")}
    assert find_visitor(BROWSER, tenant="") is None


def test_a_guest_is_the_address_and_never_joined_with_the_browser():
    place(line(), identity=GUEST)
    record(browser=BROWSER)
    assert visitors() == {find_visitor(GUEST, tenant="")}
    assert not IdentityRow.objects.filter(kind=IdentityKind.VISITOR).exists()
    assert not Visitor.objects.filter(person__isnull=False).exists()
    assert IdentityRow.objects.get().key == ""


@pytest.mark.parametrize("nobody", [None, Identity(IdentityKind.EMAIL, " ")])
def test_an_order_of_nobody_is_the_browsers(nobody):
    place(line(), identity=nobody)
    record(browser=BROWSER)
    assert visitors() == {find_visitor(BROWSER, tenant="")}
    change(lines=(line(), line("plate")))
    record()
    assert visitors() == {find_visitor(BROWSER, tenant="")}


def test_without_anybody_each_order_has_a_visitor_of_its_own():
    for key in ("o-1", "o-2"):
        place(line(), line("plate"), key=key, identity=None)
        assert record(key).anonymous == 2
        record(key)
    assert len(visitors()) == Visitor.objects.count() == 2
    assert not IdentityRow.objects.exists()


def choose(identity, choice):
    Visitor.objects.filter(pk=find_visitor(identity, tenant="")).update(choice=choice)


def test_who_refused_is_not_tied_to_what_was_bought():
    place(line("plate"), key="o-0")
    record("o-0")
    choose(ANN, Choice.REFUSED)
    place(line(), line("plate"))
    done = record()
    assert (done.stored, done.anonymous, done.skipped) == (2, 2, {})
    ann = find_visitor(ANN, tenant="")
    assert Event.objects.filter(visitor=ann).count() == 1
    assert set(Event.objects.exclude(visitor=ann).values_list("order", flat=True)) == {""}
    assert record().duplicates == 2
    assert cancel().refunds == 2
    assert left() == {"cup": 0, "plate": 1}


def test_nothing_more_is_written_of_who_refused_after_buying():
    place(line())
    record()
    choose(ANN, Choice.REFUSED)
    assert cancel().skipped == {"refused": 1}
    change(lines=(line(), line("plate")))
    assert record().anonymous == 1
    assert Event.objects.filter(visitor=find_visitor(ANN, tenant="")).count() == 1


def test_where_consent_is_required_an_order_tells_nothing_of_who_never_agreed(settings):
    settings.PERSONALIZATION = {**ORDERING, "CONSENT_REQUIRED": True}
    place(line())
    assert record().anonymous == 1
    assert not IdentityRow.objects.exists()
    place(line(), key="o-2")
    assert record("o-2", agreed=True).anonymous == 0
    choose(ANN, Choice.AGREED)
    place(line(), key="o-3")
    assert record("o-3").anonymous == 0
    assert record("o-1").duplicates == 1


def test_a_request_that_refuses_is_heard_without_any_setting():
    place(line())
    assert record(agreed=False).anonymous == 1
    assert not IdentityRow.objects.exists()


def erase(identity, at):
    from personalization.store.erasures import note_erasures, tombstones_of

    note_erasures(tombstones_of([identity], tenant="", now=at))


def test_what_somebody_bought_before_being_erased_never_comes_back():
    erase(ANN, NOON)
    place(line(), line("plate"), refunds=(line("cup", "0.5"),))
    done = record()
    assert (done.stored, done.refunds, done.skipped) == (0, 0, {"erased": 3})
    assert cancel().skipped == {"erased": 3}
    assert not Event.objects.exists()
    place(line(), key="o-2", placed_at=NOON + 1)
    assert record("o-2").stored == 1
    assert find_visitor(ANN, tenant="")


def test_a_browser_whose_owner_signed_out_says_nothing():
    place(line(), key="o-0", identity=None)
    record("o-0", browser=BROWSER)
    place(line(), key="o-1")
    record("o-1")
    mine = Visitor.objects.filter(pk=find_visitor(BROWSER, tenant=""))
    mine.update(person=find_visitor(ANN, tenant=""))
    place(line(), key="o-2", identity=None)
    assert record("o-2", browser=BROWSER).anonymous == 1
    assert Event.objects.filter(visitor=mine.get()).count() == 1


def test_an_erased_browser_says_nothing():
    erase(BROWSER, NOON - 1)
    place(line(), identity=None)
    assert record(browser=BROWSER).anonymous == 1
    assert not IdentityRow.objects.exists()


# What was given back.


def test_a_refund_stands_beside_its_purchase():
    place(line("cup", "3", "9.50"), currency="EUR", store="north")
    record()
    change(refunds=(line("cup", "1.5", at=NOON + 5),))
    done = record()
    assert (done.refunds, done.duplicates) == (1, 1)
    refund, purchase = Event.objects.get(kind=Kind.REFUND), Event.objects.get(kind=Kind.PURCHASE)
    for name in ("visitor", "item", "unit_price", "currency", "order", "store", "source"):
        assert getattr(refund, name) == getattr(purchase, name)
    assert (refund.quantity, refund.occurred_at.timestamp()) == (Decimal("1.5"), (NOON + 5) / 1e6)
    assert record().refunds == 0


def test_refunds_without_keys_are_told_apart_by_how_often_they_stand_there():
    place(line("cup", "3"), refunds=(line("cup"),))
    record()
    change(refunds=(line("cup"), line("cup")))
    record()
    record()
    assert left() == {"cup": 1}


def test_what_was_not_bought_cannot_be_given_back():
    place(line("cup"), refunds=(line("plate"), line("unknown"), line("cup", "5"), line("cup", "x")))
    assert record().skipped == {"not_bought": 1, "unknown_item": 1, "bad_quantity": 1}
    assert left() == {"cup": 0}


def test_a_cancelled_order_gives_back_what_is_left():
    place(line("cup", "3", key="1"), line("cup", "2", key="2"), line("plate", key="3"))
    record()
    change(refunds=(line("cup", "4", key="r"),))
    record()
    assert cancel().refunds == 2
    assert left() == {"cup": 0, "plate": 0}
    assert events() == [("cup", 2), ("cup", 3), ("plate", 1)]
    assert cancel().refunds == record().refunds == 0


def test_an_order_that_says_it_was_cancelled_is():
    place(line("cup", "3"), cancelled=True)
    assert (record().refunds, record().refunds) == (1, 0)
    assert left() == {"cup": 0}


def test_what_was_cancelled_before_we_heard_of_it_never_counted():
    place(line("cup"))
    assert cancel().refunds == 1
    assert set(Event.objects.values_list("occurred_at", flat=True)) == {Event.objects.first().occurred_at}
    assert record().duplicates == 1
    assert left() == {"cup": 0}


def test_a_later_cancellation_happened_when_it_was_told():
    place(line("cup"))
    record(now=NOON + 1)
    cancel(now=NOON + 7)
    assert Event.objects.get(kind=Kind.REFUND).occurred_at.timestamp() == (NOON + 7) / 1e6


def test_an_order_that_the_shop_deleted_can_be_cancelled():
    place(line("cup", "3"), line("plate"))
    record()
    change(refunds=(line("cup"),))
    record()
    lose()
    assert cancel().refunds == 2
    assert left() == {"cup": 0, "plate": 0}
    assert cancel().refunds == 0


def test_refunds_that_are_written_after_the_cancellation_are_not_counted_twice():
    place(line("cup", "3"))
    record()
    cancel()
    change(refunds=(line("cup", "3", key="r"),), cancelled=True)
    assert record().refunds == 0
    assert left() == {"cup": 0}


def test_a_line_that_came_after_the_cancellation_is_cancelled_too():
    place(line("cup", "3"), cancelled=True)
    record()
    change(lines=(line("cup", "3"), line("cup", "2")))
    assert record().refunds == 1
    assert left() == {"cup": 0}


@pytest.mark.parametrize("order", list(permutations(["record", "refund", "cancel"])))
def test_in_whatever_order_it_is_told_nothing_is_left(order):
    place(line("cup", "3"), line("plate", "2"))
    for step in order:
        if step == "refund":
            change(refunds=(line("cup", "2"),))
        (cancel if step == "cancel" else record)()
    record()
    assert left() == {"cup": 0, "plate": 0}


# Many at once.


def at_once(works):
    def done(work):
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(done, works))


@pytest.mark.usefixtures("threads_db")
def test_told_by_many_at_once_each_line_is_stored_once():
    orders = [f"o-{number}" for number in range(4)]
    for key in orders:
        place(line("cup", "2"), line("plate"), line("shirt"), key=key, identity=None)
    done = at_once([lambda key=key: record(key) for key in orders * 3])
    assert sum(one.stored for one in done) == 12
    assert len(events()) == 12
    assert Event.objects.values("order", "visitor").distinct().count() == 4
    assert Visitor.objects.count() == 4


@pytest.mark.usefixtures("threads_db")
def test_cancelled_and_refunded_at_once_no_more_goes_back_than_was_bought():
    """Whoever cancels has read the order before its refunds were written."""
    works = []
    for number in range(12):
        bought = place(line("cup", "5"), line("plate", "2"), key=f"o-{number}")
        record(bought.key)
        cancelled = replace(bought, cancelled=True)
        refunded = replace(bought, refunds=(line("cup", "3", key="a"), line("plate", "2", key="b")))
        for told in (cancelled, refunded):
            order = check_order(told, tenant="", now=LATER)
            works.append(partial(write_orders, [order], tenant="", now=LATER))
    at_once(works)
    assert left() == {"cup": 0, "plate": 0}
