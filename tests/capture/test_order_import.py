"""The shop's orders are pulled: again and again, with bad ones among them, by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import OperationalError, connections

from personalization.capture import order_import
from personalization.capture.order_import import OVERLAP, import_orders
from personalization.capture.orders import record_order
from personalization.capture.turn import TakenTurnError
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Visitor
from personalization.store.cursors import find_cursor, take_turn
from tests.capture.ordering import (
    ANN,
    DAY,
    NOON,
    ORDERING,
    OrderingAdapter,
    change,
    left,
    line,
    open_shop,
    place,
)

pytestmark = pytest.mark.django_db

LATER = NOON + DAY


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PERSONALIZATION = ORDERING
    open_shop()


@pytest.fixture
def use(settings):
    """Let the shop have another adapter of this module."""

    def use(adapter):
        settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.{adapter}"}

    return use


def pull(now=LATER, **options):
    return import_orders(clock=lambda: now, **options)


def place_many(count, **values):
    for number in range(count):
        place(line("cup"), line("plate"), key=f"o-{number}", placed_at=NOON + number, **values)


def test_a_pull_stores_every_order_and_a_second_one_nothing():
    place(line("cup", "3"), line("unknown"), key="o-1", refunds=(line("cup"),))
    place(line("plate"), key="o-2", identity=None)
    place(line("plate"), key="o-3", cancelled=True)
    place(key="o-4")
    done = pull()
    assert (done.orders, done.stored, done.duplicates, done.anonymous, done.refunds) == (4, 3, 0, 1, 2)
    assert done.skipped == {"unknown_item": 1}
    assert left() == {"cup": 2, "plate": 1}
    again = pull(LATER + 1)
    assert (again.orders, again.stored, again.duplicates, again.refunds) == (4, 0, 3, 0)
    assert again.skipped == {"unknown_item": 1}


def test_what_was_told_before_is_known():
    place(line("cup"), line("plate"))
    record_order("o-1", now=LATER)
    assert pull().duplicates == 2


def test_a_pull_goes_on_where_the_last_one_was_and_looks_a_week_back():
    asked = []
    place(line())
    assert pull(LATER).orders == 1
    assert find_cursor("orders", tenant="") == LATER
    place(line(), key="late", placed_at=LATER - OVERLAP)
    place(line(), key="lost", placed_at=LATER - OVERLAP - 1)
    assert pull(LATER + 5, beat=asked.append).stored == 1
    assert find_cursor("orders", tenant="") == LATER + 5
    assert [done.orders for done in asked] == [2]


def test_what_would_be_forgotten_at_once_is_not_read(settings):
    place(line(), key="old", placed_at=LATER - 396 * DAY)
    place(line(), key="new", placed_at=LATER - 394 * DAY)
    assert pull().orders == 1
    settings.PERSONALIZATION = {**ORDERING, "RETENTION_DAYS": None}
    assert pull(tenant="t").orders == 2


def test_since_says_where_to_begin():
    place(line(), key="old", placed_at=NOON - 99 * DAY)
    place(line(), key="new")
    assert pull(since=NOON - DAY).orders == 1
    assert find_cursor("orders", tenant="") == LATER
    assert pull(since=0).orders == 2


def test_a_pull_of_only_the_newest_leaves_the_cursor_before_the_gap():
    pull(NOON)
    assert pull(NOON + 99 * DAY, since=NOON + 98 * DAY).orders == 0
    assert find_cursor("orders", tenant="") == NOON


def test_tenants_have_cursors_of_their_own():
    place(line())
    assert pull(tenant="t").stored == 1
    assert find_cursor("orders", tenant="") is None
    with pytest.raises(InvalidInputError, match="tenant"):
        pull(tenant="x" * 65)


def test_many_orders_are_stored_in_a_handful_of_statements(django_assert_max_num_queries, monkeypatch):
    """Not one for each order: twice as many orders need as many statements more as batches."""
    monkeypatch.setattr(order_import, "BATCH", 100)
    place_many(200)
    pull()
    Event.objects.all().delete()
    with django_assert_max_num_queries(45):
        assert pull().stored == 400
    with django_assert_max_num_queries(16):
        assert pull(LATER + 1).duplicates == 400


# Bad orders do not stop the rest.


def test_an_order_that_cannot_be_stored_is_counted_by_reason(caplog):
    place(line(), key="o-1", currency="euro")
    place(line(), key="o-2", identity=Identity(IdentityKind.USER, "x" * 256))
    place(line(), key="x" * 65)
    place(line(), key="o-4", placed_at=LATER + 9 * DAY)
    place(None, key="o-5")
    place(line(), key="o-6")
    done = pull()
    assert (done.orders, done.stored, done.skipped) == (1, 1, {"bad_order": 5})
    assert "order 'o-1' is skipped: currency: " in caplog.text
    assert find_cursor("orders", tenant="") == LATER


def test_an_order_that_makes_its_batch_fail_fails_alone(monkeypatch, caplog):
    place_many(5)
    stored = order_import.write_orders

    def fail_on_third(orders, **options):
        if any(order.key == "o-2" for order in orders):
            raise RuntimeError("nobody thought of this")
        return stored(orders, **options)

    monkeypatch.setattr(order_import, "write_orders", fail_on_third)
    done = pull()
    assert (done.orders, done.stored, done.skipped) == (5, 8, {"failed": 1})
    assert "order o-2 cannot be stored" in caplog.text


def test_a_database_that_is_away_is_nobodys_bad_order(monkeypatch):
    place_many(2)

    def away(*args, **options):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(order_import, "write_orders", away)
    with pytest.raises(OperationalError):
        pull()
    assert find_cursor("orders", tenant="") is None
    monkeypatch.undo()
    assert pull().stored == 4  # the turn was given back


class Reading(OrderingAdapter):
    """Cannot read the orders that have a store."""

    def read(self, order):
        if order.store:
            raise ValueError(f"order {order.key} has a store")
        return order

    def iter_orders(self, since, tenant=""):
        return map(self.read, super().iter_orders(since, tenant))


class Generating(Reading):
    """The same as a generator, which ends with its first failure."""

    def iter_orders(self, since, tenant=""):
        yield from super().iter_orders(since, tenant)


def test_an_order_that_the_adapter_cannot_read_does_not_stop_the_next(use, caplog):
    use("Reading")
    place_many(5)
    change("o-2", store="north")
    done = pull()
    assert (done.stored, done.skipped) == (8, {"unreadable": 1})
    assert find_cursor("orders", tenant="") == LATER
    assert "order o-2 has a store" in caplog.text


def test_orders_that_cannot_be_read_to_their_end_are_stored_as_far_as_they_were(use):
    use("Generating")
    place_many(5)
    change("o-2", store="north")
    with pytest.raises(ValueError, match="o-2"):
        pull()
    assert Event.objects.count() == 4
    assert find_cursor("orders", tenant="") is None
    change("o-2", store="")
    assert pull().stored == 6


def test_a_shop_that_cannot_be_read_at_all_is_left_alone(use):
    use("Reading")
    place_many(order_import.PATIENCE + 10, store="north")
    with pytest.raises(ValueError, match="has a store"):
        pull()
    assert not Event.objects.exists()


class Twice(OrderingAdapter):
    def iter_orders(self, since, tenant=""):
        orders = list(super().iter_orders(since, tenant))
        return iter([*orders, *[replace(order, lines=(*order.lines, line("shirt"))) for order in orders]])


def test_an_order_may_come_twice_and_the_later_holds(use):
    use("Twice")
    place_many(3)
    assert pull().stored == 9


# Who is at it.


def test_one_pulls_at_a_time():
    take_turn("orders", tenant="", now=LATER, until=LATER + 60)
    with pytest.raises(TakenTurnError, match="another process"):
        pull()
    assert pull(tenant="t").orders == 0
    assert pull(LATER + 60).orders == 0
    assert pull(LATER + 60).orders == 0  # it was given back


def test_who_is_too_slow_is_told_so(monkeypatch):
    """It stored a batch, and its turn is another's by now."""
    monkeypatch.setattr(order_import, "BATCH", 1)
    place_many(3)
    now = [LATER]

    def overtaken(done):
        now[0] += 3_600_000_000
        assert take_turn("orders", tenant="", now=now[0], until=now[0] + 7)

    with pytest.raises(TakenTurnError, match="took over"):
        import_orders(clock=lambda: now[0], beat=overtaken)
    assert Event.objects.count() == 4
    assert find_cursor("orders", tenant="") is None


@pytest.mark.usefixtures("threads_db")
def test_two_that_pull_all_the_same_store_everything_once(monkeypatch):
    """A turn that ended too soon is no danger: only time is lost."""
    monkeypatch.setattr("personalization.capture.turn.take_turn", lambda *args, **options: True)
    monkeypatch.setattr("personalization.capture.turn.keep_turn", lambda *args, **options: True)
    monkeypatch.setattr(order_import, "BATCH", 20)
    place_many(100, refunds=(line("cup", "0.5"),))
    for number in range(100):
        change(f"o-{number}", identity=replace(ANN, key=f"person-{number % 7}") if number % 3 else None)

    def pulled(number):
        try:
            return pull(LATER + number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(pulled, range(3)))
    assert sum(one.stored for one in done) == Event.objects.filter(kind=Kind.PURCHASE).count() == 200
    assert sum(one.refunds for one in done) == 100
    assert left() == {"cup": 50, "plate": 100}
    assert Visitor.objects.count() == 7 + 34
