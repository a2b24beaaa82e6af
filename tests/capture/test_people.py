"""Imports ask of each person whether they may be stored."""

import csv
from pathlib import Path

import pytest

from personalization.capture import event_writer, people
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Event, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from personalization.store.visitors import ensure_visitors
from tests.capture.files import NOW, order_line, read_orders, read_visits, store_items, write

pytestmark = pytest.mark.django_db

USER = IdentityKind.USER
ANN = Identity(USER, "ann")
JULY = 1_751_364_000_000_000  #: 2025-07-01T10:00:00Z, the instant of an order line
LATER = "2025-07-02T10:00:00Z"


@pytest.fixture(autouse=True)
def _catalog(settings, db):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    store_items("cup", "pot")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "orders.csv"


@pytest.fixture(params=[1, 10_000])
def _chunks(request, monkeypatch):
    monkeypatch.setattr("personalization.capture.chunk.ROWS", request.param)
    monkeypatch.setattr("personalization.capture.event_import.ROWS", request.param)


LINES = [
    order_line(visitor="ann", order="1"),
    order_line(visitor="bob", order="2"),
    order_line(visitor="ann", order="3", time=LATER),
    order_line(visitor="bob", order="4", time=LATER),
]


@pytest.mark.usefixtures("_chunks")
def test_who_refused_is_set_aside(path):
    choose(ANN, agreed=False, now=NOW)
    done = read_orders(write(path, LINES))
    assert (done.read, done.stored, dict(done.quarantined)) == (4, 2, {"refused": 2})
    assert not Event.objects.filter(visitor__identities__key="ann").exists()


@pytest.mark.usefixtures("_chunks")
def test_what_was_before_an_erasure_is_set_aside_and_what_came_after_is_not(path):
    erase([ANN], now=JULY)
    done = read_orders(write(path, LINES))
    assert (done.read, done.stored, dict(done.quarantined)) == (4, 3, {"erased": 1})
    assert Event.objects.get(visitor__identities__key="ann").order == "3"


def test_nobody_who_is_barred_gets_a_row(path):
    erase([ANN], now=NOW)
    done = read_orders(write(path, [LINES[0], LINES[2]]))
    assert (done.stored, done.read) == (0, 2)
    assert not Visitor.objects.exists()


def test_the_file_of_refused_rows_does_not_repeat_what_they_say(path):
    erase([ANN], now=NOW)
    done = read_orders(write(path, LINES))
    text = Path(done.quarantine_file).read_text(encoding="utf-8")
    assert list(csv.reader(text.splitlines()))[1:] == [["2", "erased"], ["4", "erased"]]


@pytest.mark.parametrize("address", ["Ann@X.io", " ann@x.io"])
def test_an_address_is_barred_however_it_is_typed(path, address):
    erase([Identity(IdentityKind.EMAIL, "ANN@x.io")], now=NOW)
    lines = [order_line(visitor="ann@x.io", order="1"), order_line(visitor=address, order="2")]
    done = read_orders(write(path, lines), identity=IdentityKind.EMAIL)
    assert dict(done.quarantined) == {"erased": 2}
    assert not IdentityRow.objects.exists()


def test_where_consent_is_required_only_people_who_agreed_are_taken(path, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    ensure_visitors(USER, ["bob"], tenant="", now=NOW)
    choose(ANN, agreed=True, now=NOW)
    done = read_orders(write(path, [*LINES, order_line(visitor="cid", order="9")]))
    assert (done.stored, dict(done.quarantined)) == (2, {"refused": 3})
    again = read_orders(write(path, [*LINES, order_line(visitor="cid", order="9")]), consented=True)
    assert (again.stored, again.duplicates) == (3, 2)


def test_consent_of_the_file_does_not_undo_a_refusal(path, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    choose(ANN, agreed=False, now=NOW)
    assert dict(read_orders(write(path, LINES), consented=True).quarantined) == {"refused": 2}


@pytest.mark.parametrize(
    "act",
    [lambda: choose(ANN, agreed=False, now=NOW), lambda: erase([ANN], now=NOW)],
    ids=["refuses", "erased"],
)
def test_who_says_no_while_the_import_runs_is_left_out_from_then_on(path, monkeypatch, act):
    """Also with the visitor of the chunk before in memory, whose row is gone after an erasure."""
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 2)
    written = []
    write_chunk = event_writer.EventWriter.write

    def interrupted(self, chunk, earlier):
        if written:
            act()
        written.append(chunk)
        write_chunk(self, chunk, earlier)

    monkeypatch.setattr(event_writer.EventWriter, "write", interrupted)
    done = read_orders(write(path, LINES))
    assert (done.stored, sum(done.quarantined.values())) == (3, 1)
    assert set(Event.objects.values_list("visitor", flat=True)) <= set(
        Visitor.objects.values_list("pk", flat=True)
    )


def test_views_of_barred_people_leave_no_history(path):
    erase([ANN], now=NOW)
    assert read_visits(write(path, LINES)).stored == 2
    assert set(Event.objects.values_list("visitor__identities__key", flat=True)) == {"bob"}


def test_people_may_be_forgotten_at_any_time(path, monkeypatch):
    monkeypatch.setattr(people, "REMEMBERED", 0)
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 1)
    erase([ANN], now=JULY)
    assert read_orders(write(path, LINES)).stored == 3


def test_most_imports_ask_little(path, django_assert_max_num_queries):
    lines = [order_line(visitor=str(number), order=str(number)) for number in range(400)]
    write(path, lines)
    with django_assert_max_num_queries(32):
        assert read_orders(str(path)).stored == 400
