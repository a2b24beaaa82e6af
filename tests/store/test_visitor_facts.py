from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personalization.capture.orders import cancel_order, record_order
from personalization.capture.track import happening, store_happening
from personalization.engine.instants import from_micros
from personalization.engine.rules.facts import OrderFact
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.models import Event, Item, Visitor
from personalization.store.events import EventRow, Source, append_events
from personalization.store.people import join_visitor, separate_visitor
from personalization.store.visitor_facts import read_visitor_facts
from personalization.store.visitors import ensure_visitors, find_visitor
from tests.capture import ordering
from tests.capture.ordering import ANN, DAY, NOON, line, place
from tests.store.histories import NAMES

NOW = NOON + 100 * DAY
BROWSER = Identity(IdentityKind.VISITOR, "a browser")


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = ordering.ORDERING
    ordering.open_shop()
    yield
    ordering.open_shop()


def facts(*names, identity=ANN, tenant="", now=NOW):
    return read_visitor_facts(identity, tenant=tenant, now=now, names=[f"visitor.{name}" for name in names])


def fact(name, **values):
    return facts(name, **values)[f"visitor.{name}"]


def looks(item="cup", *, identity=ANN, at=NOON, **values):
    store_happening(happening(identity, Kind.VIEW, item, now=at), **values)


def orders(*lines, key="o-1", **values):
    place(*lines, key=key, **{"currency": "EUR", **values})
    record_order(key, now=NOON + DAY)


def visitor(identity=ANN):
    return ensure_visitors(identity.kind, [identity.key], tenant="", now=NOON)[identity.key]


@pytest.mark.parametrize("names", [["visitor.orders"], ["visitor.viewed_tags", "visitor.last_seen"], NAMES])
def test_one_statement_whatever_is_asked(shop, django_assert_num_queries, names):
    orders(line(price="5"))
    looks()
    with django_assert_num_queries(1):
        assert read_visitor_facts(ANN, tenant="", now=NOW, names=names).keys() == set(names)


def test_nothing_is_read_for_facts_that_are_not_ours(shop, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read_visitor_facts(ANN, tenant="", now=NOW, names=["cart.subtotal", "visitor.country"]) == {}
        assert read_visitor_facts(None, tenant="", now=NOW, names=NAMES) == {}


def test_only_what_is_asked_is_read(shop):
    visitor()
    with CaptureQueriesContext(
        connection,
    ) as statements:
        facts("orders")
    (sql,) = [one["sql"] for one in statements]
    assert Item._meta.db_table not in sql and "viewed" not in sql


def test_nothing_is_known_of_nobody(shop):
    assert facts("orders", "first_seen") == {}
    visitor()
    assert facts("orders", tenant="other") == {}


def test_who_is_known_and_bought_nothing_has_bought_nothing(shop):
    visitor()
    known = read_visitor_facts(ANN, tenant="", now=NOW, names=NAMES)
    assert known.pop("visitor.orders") == ()
    assert [known.pop(f"visitor.{name}_seen") for name in ("first", "last")] == [NOON, NOON]
    assert known.keys() == {name for name in NAMES if "bought" in name or "viewed" in name}
    assert not any(known.values())


def test_orders_with_what_they_came_to(shop):
    orders(line(quantity="2", price="9.99"), line("plate", price="0.0001"))
    orders(line(quantity="0.333", price="3"), key="o-2", placed_at=NOON - DAY)
    assert fact("orders") == (
        OrderFact(NOON - DAY, Decimal("0.999"), "EUR"),
        OrderFact(NOON, Decimal("19.9801"), "EUR"),
    )


def test_orders_without_prices_or_currency_count_without_an_amount(shop):
    orders(line())
    orders(line(price="5"), key="o-2", currency="", placed_at=NOON + 1)
    assert fact("orders") == (OrderFact(NOON, None), OrderFact(NOON + 1, None))


def test_what_was_given_back_is_taken_off(shop):
    orders(
        line(quantity="3", price="5"), line("plate", price="7"), refunds=(line(quantity="1"), line("plate"))
    )
    assert fact("orders") == (OrderFact(NOON, Decimal(10), "EUR"),)
    assert fact("bought_items") == {"cup": NOON}


def test_a_cancelled_order_is_none(shop):
    orders(line(price="5"))
    orders(line("plate", price="5"), key="o-2")
    cancel_order("o-1", now=NOON + 2 * DAY)
    assert fact("orders") == (OrderFact(NOON, Decimal(5), "EUR"),)
    assert fact("bought_items") == {"plate": NOON}
    assert len(fact("orders", now=NOON + DAY)) == 2


def test_what_lies_ahead_has_not_happened(shop):
    orders(line(price="5"), placed_at=NOON)
    looks(at=NOON)
    for name in ("orders", "bought_items", "viewed_items"):
        assert (bool(fact(name, now=NOON)), bool(fact(name, now=NOON - 1))) == (True, False)


def test_items_are_told_by_what_stands_in_their_rows(shop):
    orders(line(), line("plate"))
    looks("shirt")
    Item.objects.filter(key="cup").update(category="Café", brand="Acme", tags=["new", "Red", ""])
    Item.objects.filter(key="plate").update(category="Cafe", brand="", tags=["new", 7])
    Item.objects.filter(key="shirt").update(category="", brand="acme", tags={"not": "a list"})
    assert fact("bought_categories") == {"Café": NOON, "Cafe": NOON}
    assert fact("bought_brands") == {"Acme": NOON}
    assert fact("bought_tags") == {"new": NOON, "Red": NOON}
    assert fact("viewed_items") == {"shirt": NOON}
    assert fact("viewed_brands") == {"acme": NOON}
    assert fact("viewed_categories") == fact("viewed_tags") == {}


def test_each_text_has_the_last_instant(shop):
    orders(line())
    orders(line("plate"), line(), key="o-2", placed_at=NOON + 5)
    looks()
    looks(at=NOON + 9)
    looks("plate", at=NOON + 3)
    assert fact("bought_categories") == {"Goods": NOON + 5}
    assert fact("viewed_items") == {"cup": NOON + 9, "plate": NOON + 3}
    assert fact("viewed_categories", now=NOON + 3) == {"Goods": NOON + 3}
    assert fact("viewed_items", now=NOON + 8) == {"cup": NOON, "plate": NOON + 3}


def test_seen_from_the_first_to_the_last_thing_done(shop):
    looks(at=NOON + DAY)
    looks(at=NOON + 3 * DAY)
    looks(at=NOON + 5 * DAY, flags=1)
    assert facts("first_seen", "last_seen") == {
        "visitor.first_seen": NOON + DAY,
        "visitor.last_seen": NOON + 3 * DAY,
    }
    Visitor.objects.update(created_at=from_micros(NOON))
    assert fact("first_seen") == NOON
    Visitor.objects.update(created_at=from_micros(NOON + 50 * DAY))
    assert facts("first_seen", "last_seen") == {
        "visitor.first_seen": NOON + DAY,
        "visitor.last_seen": NOON + 3 * DAY,
    }


def test_what_the_shop_gives_back_is_no_visit(shop):
    orders(line())
    cancel_order("o-1", now=NOON + 9 * DAY)
    assert fact("last_seen") == NOON


def test_machines_and_staff_buy_nothing(shop):
    orders(line(price="5"))
    Event.objects.update(flags=2)
    assert facts("orders", "bought_items") == {"visitor.orders": (), "visitor.bought_items": {}}


def test_lines_without_an_order_belong_together_when_they_happened_together(shop):
    looks()
    cup = Item.objects.get(key="cup").pk
    rows = [
        EventRow(bytes([number]) * 16, int(Kind.PURCHASE), visitor(), cup, at, unit_price="5", currency="EUR")
        for number, at in enumerate((NOON, NOON, NOON + 1))
    ]
    append_events(rows, tenant="", source=Source.IMPORT, now=NOON)
    assert fact("orders") == (OrderFact(NOON, Decimal(10), "EUR"), OrderFact(NOON + 1, Decimal(5), "EUR"))


def test_orders_are_told_apart_letter_by_letter(shop):
    orders(line(price="5"), key="ab-1")
    orders(line(price="5"), key="AB-1")
    orders(line(price="5"), key="ab-1 ")
    assert len(fact("orders")) == 3


def test_visitors_of_one_person_share_their_facts(shop):
    looks("shirt", identity=BROWSER)
    orders(line(price="5"))
    assert facts("viewed_items", "orders", identity=BROWSER)["visitor.orders"] == ()
    join_visitor(find_visitor(BROWSER, tenant=""), person=visitor())
    assert fact("viewed_items") == {"shirt": NOON}
    assert len(fact("orders")) == 1
    assert facts(*("viewed_items", "orders"), identity=BROWSER) == {}
    separate_visitor(find_visitor(BROWSER, tenant=""))
    assert fact("viewed_items") == {}
    assert fact("viewed_items", identity=BROWSER) == {"shirt": NOON}


@pytest.mark.parametrize("refused", ["person", "visitor"])
def test_the_choice_of_the_person_holds(shop, refused):
    looks("shirt", identity=BROWSER)
    join_visitor(find_visitor(BROWSER, tenant=""), person=visitor())
    who = ANN if refused == "person" else BROWSER
    Visitor.objects.filter(pk=find_visitor(who, tenant="")).update(choice=Visitor.Choice.REFUSED)
    assert bool(facts("viewed_items")) == (refused == "visitor")
