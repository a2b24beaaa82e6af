import csv
import random
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError

from personalization.capture import event_import, event_writer
from personalization.engine.types import Flag, IdentityKind, Kind
from personalization.exceptions import InvalidInputError, PersonalizationError
from personalization.models import Event, Identity, ViewedItem, Visitor
from tests.capture.files import (
    HEADER,
    TIME,
    VISITS,
    order_line,
    read_orders,
    read_visits,
    store_items,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalog(settings, db):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    store_items("cup", "pot", "00123")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "orders.csv"


@pytest.fixture(params=[1, 2, 10_000])
def chunk_rows(request, monkeypatch):
    """The same must come out however the file is cut."""
    monkeypatch.setattr("personalization.capture.chunk.ROWS", request.param)
    monkeypatch.setattr("personalization.capture.event_import.ROWS", request.param)


def counts(done):
    return done.read, done.stored, done.duplicates, dict(done.quarantined)


def test_a_line_becomes_an_event(path):
    done = read_orders(write(path, [order_line(sku="00123", quantity="2.5", visitor="007")]))
    assert counts(done) == (1, 1, 0, {})
    assert done.quarantine_file is None
    event = Event.objects.get()
    assert (event.kind, event.item.key, event.order) == (Kind.PURCHASE, "00123", "1")
    assert (event.quantity, event.unit_price) == (Decimal("2.5"), Decimal("9.99"))
    assert event.occurred_at.isoformat() == "2025-07-01T10:00:00+00:00"
    assert Identity.objects.get().key == "007"


@pytest.mark.usefixtures("chunk_rows")
def test_repeated_lines_are_different_lines_and_the_file_again_is_nothing_new(path):
    lines = [order_line(), order_line(sku="pot"), order_line(), order_line(order="2"), order_line()]
    source = write(path, lines)
    assert counts(read_orders(source)) == (5, 5, 0, {})
    assert counts(read_orders(source)) == (5, 0, 5, {})
    assert Event.objects.count() == 5


@pytest.mark.usefixtures("chunk_rows")
def test_without_orders_visitor_item_and_instant_make_the_line(path):
    lines = [
        order_line(time=TIME),
        order_line(time="2025-07-01 12:00:00+02:00"),  # the same instant: its second occurrence
        order_line(visitor="bob"),
        order_line(order="another"),
    ]
    assert read_visits(write(path, lines)).stored == 4
    same = [order_line(time="2025-07-01T10:00:00+00:00"), order_line(visitor="bob"), order_line(sku="pot")]
    assert counts(read_visits(write(path, same))) == (3, 1, 2, {})


def test_a_line_without_its_order_number_counts_by_visitor_and_instant(path):
    source = write(path, [order_line(order=""), order_line(order="", visitor="bob")])
    assert counts(read_orders(source)) == (2, 2, 0, {})
    assert counts(read_orders(source)) == (2, 0, 2, {})


def test_kinds_and_tenants_are_told_apart(path):
    source = write(path, [order_line()])
    store_items("cup", tenant="t")
    read_orders(source)
    assert read_orders(source, kind=Kind.REFUND).stored == 1
    assert read_orders(source, tenant="t").stored == 1
    assert Visitor.objects.filter(tenant="t").count() == 1


def test_a_longer_file_adds_only_its_new_lines(path):
    read_orders(write(path, [order_line(), order_line()]))
    assert counts(read_orders(write(path, [order_line()] * 3))) == (3, 1, 2, {})


@pytest.mark.usefixtures("chunk_rows")
def test_bad_rows_are_set_aside_with_line_and_reason_and_the_rest_goes_in(path):
    bad = {
        "missing_visitor": order_line(visitor=" "),
        "missing_item": order_line(sku=""),
        "unknown_item": order_line(sku="CUP"),
        "bad_key": order_line(visitor="a\tb"),
        "bad_time": order_line(time="yesterday"),
        "time_out_of_range": order_line(time="2099-01-01"),
        "bad_quantity": order_line(quantity="two"),
        "negative_quantity": order_line(quantity="-1"),
        "bad_price": order_line(price="=1+1"),
        "bad_order": order_line(order="x" * 65),
        "wrong_columns": [*order_line(), "more"],
    }
    rows = [row for line in bad.values() for row in (line, order_line())]
    done = read_orders(write(path, rows))
    assert counts(done) == (22, 11, 0, dict.fromkeys(bad, 1))
    with open(done.quarantine_file, newline="") as file:  # noqa: PTH123
        header, *refused = csv.reader(file)
    assert header == ["line", "reason", *HEADER]
    assert [(line, reason) for line, reason, *_ in refused] == [
        (str(2 + 2 * place), reason) for place, reason in enumerate(bad)
    ]
    assert refused[8][2:] == ["1", "ann", "cup", "1", "'=1+1", TIME]


def test_a_visitor_of_refused_rows_alone_is_not_made(path):
    read_orders(write(path, [order_line(visitor="bob", price="x"), order_line()]))
    assert [row.key for row in Identity.objects.all()] == ["ann"]


def test_refused_rows_count_as_occurrences_so_that_mending_one_moves_no_other(path):
    read_orders(write(path, [order_line(price="x"), order_line()]))
    assert counts(read_orders(write(path, [order_line(), order_line()]))) == (2, 1, 1, {})


@pytest.mark.usefixtures("chunk_rows")
def test_lines_are_counted_as_an_editor_does(path):
    path.write_text(",".join(HEADER) + '\n\n1,ann,"two\r\nlines",1,1,2025-07-01\n\n\nshort\n')
    done = read_orders(str(path))
    assert counts(done) == (2, 0, 0, {"bad_key": 1, "wrong_columns": 1})
    with open(done.quarantine_file, newline="") as file:  # noqa: PTH123
        assert [row[0] for row in csv.reader(file)] == ["line", "3", "7"]


def test_a_header_alone_is_an_empty_import(path):
    assert counts(read_orders(write(path, []))) == (0, 0, 0, {})


def test_addresses_are_one_person_however_typed(path):
    lines = [order_line(visitor="Ann@example.com"), order_line(visitor="ann@EXAMPLE.com")]
    assert counts(read_visits(write(path, lines), identity=IdentityKind.EMAIL)) == (2, 2, 0, {})
    assert Visitor.objects.count() == 1
    assert Identity.objects.get().key == ""


@pytest.mark.usefixtures("chunk_rows")
def test_views_enter_the_view_history_once_each(path, settings):
    settings.TIME_ZONE = "UTC"
    source = write(path, [order_line(time=f"2025-07-0{day}") for day in (3, 1, 2)])
    read_visits(source)
    read_visits(source)
    viewed = ViewedItem.objects.get()
    assert (viewed.views, viewed.first_viewed_at.day, viewed.last_viewed_at.day) == (3, 1, 3)


def test_views_that_another_import_stores_meanwhile_are_not_counted_twice(path, monkeypatch):
    source = write(path, [order_line()])
    read_visits(source)
    monkeypatch.setattr(
        event_writer, "stored_digests", lambda digests: set()
    )  # asked just before the other one
    with pytest.raises(PersonalizationError, match="another import"):
        read_visits(source)
    assert ViewedItem.objects.get().views == 1


def test_a_broken_end_stores_nothing_of_the_start(path, monkeypatch):
    monkeypatch.setattr("personalization.capture.event_import.ROWS", 1)
    path.write_bytes(write(path, [order_line()]).encode() and path.read_bytes() + b"\xff")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        read_orders(str(path))
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


def test_what_fails_half_way_leaves_whole_chunks_and_is_finished_by_the_next_run(path, monkeypatch):
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 2)
    source = write(path, [order_line(order=str(number), visitor=str(number)) for number in range(6)])
    append, calls = event_writer.append_columns, []

    def fail_on_the_third(*args, **options):
        calls.append(1)
        if len(calls) == 3:
            raise DatabaseError("disk full")
        return append(*args, **options)

    monkeypatch.setattr(event_writer, "append_columns", fail_on_the_third)
    with pytest.raises(DatabaseError):
        read_orders(source)
    assert Event.objects.count() == Visitor.objects.count() == 4
    monkeypatch.setattr(event_writer, "append_columns", append)
    assert counts(read_orders(source)) == (6, 2, 4, {})


def test_a_file_that_changes_between_the_readings_is_refused(path, monkeypatch):
    source = write(path, [order_line()])
    scan = event_import._scan

    def scan_then_change(*args):
        scan(*args)
        write(path, [order_line(), order_line()])

    monkeypatch.setattr(event_import, "_scan", scan_then_change)
    with pytest.raises(InvalidInputError, match="changed"):
        read_orders(source)
    assert not Event.objects.exists()


def test_caches_may_be_forgotten_at_any_time(path, monkeypatch):
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 3)
    monkeypatch.setattr(event_writer, "REMEMBERED", 1)
    monkeypatch.setattr("personalization.capture.cell.CACHE", 1)
    chance = random.Random(3)
    lines = [
        order_line(order=str(number), visitor=chance.choice("abcd"), sku=chance.choice(["cup", "pot", "no"]))
        for number in range(40)
    ]
    done = read_orders(write(path, lines))
    assert done.stored == sum(line[2] != "no" for line in lines) == Event.objects.count()
    assert Visitor.objects.count() == 4


def test_progress_grows_to_the_end(path, monkeypatch):
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 10)
    seen = []
    source = write(path, [order_line(order=str(number)) for number in range(50)])
    read_orders(source, progress=lambda share, rows: seen.append((share, rows)))
    assert seen == sorted(seen)
    assert seen[-1] == (1.0, 50)


@pytest.mark.parametrize("kind", [Kind.RATE, Kind.SEARCH, Kind.IMPRESSION, Kind.MAIL_OPEN])
def test_kinds_that_carry_more_than_a_file_tells_are_refused(path, kind):
    with pytest.raises(InvalidInputError, match="kind"):
        read_orders(write(path, [order_line()]), kind=kind)


def test_a_tenant_that_no_row_can_hold_is_refused(path):
    with pytest.raises(InvalidInputError, match="tenant"):
        read_orders(write(path, [order_line()]), tenant="x" * 65)


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
AGENTS = {"ann": FIREFOX, "crawler": "ExampleBot/2.1", "nameless": ""}


def visits_by_agent(path):
    rows = [[visitor, "cup", TIME, agent] for visitor, agent in AGENTS.items()]
    source = write(path, rows, header=["customer_id", "sku", "ordered_at", "agent"])
    read_visits(source, names=replace(VISITS, agent="agent"))
    return list(Event.objects.order_by("pk").values_list("flags", flat=True))


def test_machines_are_marked_by_their_agent_as_requests_are(path):
    assert visits_by_agent(path) == [0, Flag.BOT, Flag.BOT]
    assert ViewedItem.objects.get().visitor_id == Event.objects.get(flags=0).visitor_id


def test_names_of_machines_that_the_shop_adds_count_in_files_too(path, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "BOT_PATTERNS": ["firefox"]}
    assert visits_by_agent(path) == [Flag.BOT, Flag.BOT, Flag.BOT]


def test_a_file_without_agents_is_of_people(path):
    read_visits(write(path, [order_line()]))
    assert Event.objects.get().flags == 0
