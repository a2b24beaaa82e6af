import pytest

from personalization.engine.instants import to_micros
from personalization.engine.types import Flag, Kind
from personalization.models import Event
from personalization.store.events import (
    Appended,
    EventColumns,
    EventRow,
    Source,
    append_columns,
    append_events,
    event_digest,
    stored_digests,
)

pytestmark = pytest.mark.django_db


def digest(client_id):
    return event_digest(tenant="", source=Source.CODE, visitor=1, client_id=client_id)


def append(*rows):
    return append_events(rows, tenant="", source=Source.CODE, now=9)


def test_an_event_is_stored_with_all_it_says():
    row = EventRow(
        digest("a"), Kind.PURCHASE, 1, 2, 3, "1.500", "9.99", "EUR", "1.25", "o-1", "q", "rec", 4, "shop", 2
    )
    assert append(row) == Appended(1, 0)
    event = Event.objects.get()
    assert (event.kind, event.visitor_id, event.item_id, to_micros(event.occurred_at)) == (7, 1, 2, 3)
    assert (str(event.quantity), str(event.unit_price), str(event.profit)) == ("1.500", "9.9900", "1.2500")
    assert (event.currency, event.order, event.query, event.recommendation) == ("EUR", "o-1", "q", "rec")
    assert event.position == 4
    assert (event.store, event.flags, event.source, to_micros(event.received_at)) == ("shop", 2, 1, 9)
    assert event.digest == digest("a")


def test_what_is_told_twice_is_stored_once():
    view = EventRow(digest("a"), Kind.VIEW, 1, 2, 3)
    search = EventRow(digest("b"), Kind.SEARCH, 1, None, 3, query="cup")
    assert append(view, search, view) == Appended(2, 1)
    assert append(view) == Appended(0, 1)


def test_nothing_is_stored_of_nothing():
    assert append() == Appended(0, 0)


def test_columns_store_the_same_rows():
    columns = EventColumns([digest("a")], [1], [2], [3], ["2"], [None], ["o-1"], [Flag.BOT])
    arguments = {"kind": Kind.PURCHASE, "tenant": "t", "source": Source.IMPORT, "now": 9}
    assert append_columns(columns, **arguments) == Appended(1, 0)
    assert append_columns(columns, **arguments) == Appended(0, 1)
    event = Event.objects.get()
    assert (event.tenant, event.kind, event.order, event.flags) == ("t", 7, "o-1", Flag.BOT)
    assert (event.unit_price, str(event.quantity)) == (None, "2.000")


def test_digests_that_are_stored_can_be_asked_for():
    append(EventRow(digest("a"), Kind.VIEW, 1, 2, 3))
    assert stored_digests([digest("a"), digest("b")]) == {digest("a")}


def test_a_client_id_is_unique_per_tenant_source_and_visitor():
    digests = {
        event_digest(tenant=tenant, source=source, visitor=visitor, client_id="1")
        for tenant in ("", "t")
        for source in (Source.CODE, Source.BEACON)
        for visitor in (1, 11)
    }
    assert len(digests) == 8
