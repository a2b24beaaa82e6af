"""Everything that we hold of a person, and nobody else's."""

from __future__ import annotations

import json
import tracemalloc
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personalization.engine.types import Identity, IdentityKind
from personalization.models import BuildRow, Event, Visitor, VisitorRow
from personalization.models import Identity as IdentityRow
from personalization.privacy.export import export, export_visitor, holding_of
from personalization.store import personal_pages, personal_rows
from personalization.store.campaign_views import day_of
from personalization.store.personal_pages import INTERNAL, SECTIONS
from tests.privacy.people import DAY, NOW, busy, joined, known
from tests.promotions.ledger import coupon_of, running
from tests.promotions.ledger import held as hold

ANN = Identity(IdentityKind.USER, "ann")


def read(identity: Identity = ANN) -> dict[str, Any]:
    return json.loads("".join(export(identity, now=NOW)))  # type: ignore[no-any-return]


@pytest.fixture
def ann(unasked: None, db: None) -> int:
    person = known(IdentityKind.USER, "ann")
    busy(joined(known(IdentityKind.VISITOR, "phone"), person), "phone")
    busy(person, "=1+1 own")
    busy(known(IdentityKind.USER, "bob"), "bobs")
    coupon = coupon_of(running(), code="ANN-10", owner_id=person, owned=True, limit=1)
    hold("cart", coupon.promotion_id, coupon=coupon.pk, people=[ANN], now=NOW - DAY)
    return person


def test_it_holds_every_row_of_the_person_in_plain_words(ann: int) -> None:
    held = read()
    assert list(held) == ["exported_at", *SECTIONS]
    assert held["exported_at"] == "2023-11-14T22:13:20+00:00"
    assert {name: len(rows) for name, rows in held.items() if name != "exported_at"} == {
        "visitors": 2, "known_as": 2, "ratings": 2, "view_history": 2, "campaign_views": 2,
        "prepared_lists": 2, "events": 6,
        "redemptions": 1, "coupons": 1,
    }  # fmt: skip
    assert held["prepared_lists"][0] == {
        "visitor": held["prepared_lists"][0]["visitor"],
        "recommender": "user-knn",
        "build": held["prepared_lists"][0]["build"],
        "learned_from_before": "2023-11-13T22:13:20+00:00",
        "for": "new items",
        "items": ["jug", "mug"],
    }
    assert {one["visitor"] for one in held["prepared_lists"]} == {one["number"] for one in held["visitors"]}
    event = held["events"][-1]
    assert event == {
        "visitor": ann,
        "happened_at": "2023-11-13T22:13:20.000002+00:00",
        "received_at": "2023-11-13T22:13:20+00:00",
        "kind": "purchase",
        "item": "mug",
        "title": "Mug",
        "quantity": "2.5",
        "unit_price": "3.1",
        "currency": "EUR",
        "profit": "1",
        "order": "=1+1 own-order",
        "search_text": "=1+1 own-query",
        "recommendation": f"=1+1 own{ann}",
        "position": 1,
        "store": "=1+1 own-s",
        "marked_as": ["staff"],
        "told_by": "code",
        "shown_in": {
            "slot": "for_you",
            "mode": "personalized",
            "arm": "",
            "propensity": 1.0,
            "build": None,
            "campaign": None,
            "answered_at": "2023-11-13T22:13:20+00:00",
        },
    }
    assert held["campaign_views"][-1] == {
        "visitor": ann,
        "campaign": "Winter",
        "day": str(date.fromordinal(day_of(NOW - DAY))),  # in the shop's zone
        "seen": 2,
        "clicked": 0,
        "last": "2023-11-13T22:13:20+00:00",
    }
    assert held["redemptions"] == [
        {
            "visitor": ann,
            "reserved_at": "2023-11-13T22:13:20+00:00",
            "reserved_until": "2023-11-13T22:28:20+00:00",
            "changed_at": "2023-11-13T22:13:20+00:00",
            "promotion": "Autumn",
            "version": 1,
            "code": "ANN-10",
            "state": "reserved",
            "amount": "1",
            "currency": "EUR",
            "shares": "[]",
            "order": "",
        }
    ]
    assert held["coupons"][0]["code"] == "ANN-10"
    assert held["known_as"][0] == {
        "visitor": held["visitors"][0]["number"],
        "kind": "visitor",
        "key": "phone",
    }
    assert held["visitors"][0]["belongs_to"] == ann
    assert held["visitors"][1]["choice"] == "none"
    assert {rating["text"] for rating in held["ratings"]} == {"phone text", "=1+1 own text"}


def test_it_holds_nothing_of_anybody_else(ann: int) -> None:
    assert "bobs" not in json.dumps(read())
    assert "phone" not in json.dumps(read(Identity(IdentityKind.USER, "bob")))


def test_every_way_in_leads_to_the_same(ann: int) -> None:
    by_user, by_browser = read(), read(Identity(IdentityKind.VISITOR, "phone"))
    assert by_user == by_browser == json.loads("".join(export_visitor(ann, now=NOW)))


def test_somebody_unknown_gets_empty_lists(db: None) -> None:
    assert read() == {"exported_at": "2023-11-14T22:13:20+00:00", **{name: [] for name in SECTIONS}}


@pytest.mark.parametrize("how", ["damaged", "without its build's vocabulary"])
def test_a_list_that_cannot_be_read_is_told_all_the_same(ann: int, how: str) -> None:
    if how == "damaged":
        VisitorRow.objects.update(payload=b"\1\1\0")
    else:
        BuildRow.objects.all().delete()
    assert [one["items"] for one in read()["prepared_lists"]] == [[], []]


def test_it_is_ascii_and_a_row_to_a_line(ann: int) -> None:
    busy(joined(known(IdentityKind.VISITOR, "x"), ann), "\u202e\u2028<é>")
    text = "".join(export(ANN, now=NOW))
    assert text.isascii()
    assert sum(line.startswith('{"') for line in text.splitlines()) == sum(
        len(read()[name]) for name in SECTIONS
    )


def test_the_counts_are_those_of_the_export(ann: int) -> None:
    held, counted = read(), holding_of([ANN, Identity(IdentityKind.VISITOR, "phone")])
    assert (counted.people, counted.visitors) == (1, len(held["visitors"]))
    tables = {*personal_rows.OF_VISITORS, *personal_rows.OUTLIVING}
    assert counted.rows == {name: len(held[name]) for name in tables}


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_blocks_neither_lose_nor_repeat_rows_of_one_instant(
    ann: int, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    Event.objects.update(occurred_at=NOW)
    numbers = read()["events"]
    monkeypatch.setattr(personal_pages, "BLOCK", block)
    assert read()["events"] == numbers
    assert len(numbers) == 6


def test_every_column_is_shown_or_says_nothing_of_a_person() -> None:
    """It fails when a model with a way to a visitor gains a column that the export does not know."""
    outliving = {model for model, _ in personal_rows.OUTLIVING.values()}
    models = {Visitor, IdentityRow, *personal_rows.OF_VISITORS.values(), *outliving}
    assert {section.model for section in SECTIONS.values()} == models
    for section in SECTIONS.values():
        shown = {column.split("__")[0].removesuffix("_id") for column, _ in section.fields.values()} | {"id"}
        columns = {field.name for field in section.model._meta.concrete_fields} - INTERNAL
        assert columns <= shown, section.model


@pytest.mark.slow
def test_many_events_take_little_memory_and_few_statements(ann: int) -> None:
    many = 10_000
    row = Event.objects.filter(visitor=ann).latest("pk")
    Event.objects.bulk_create(
        [
            Event(
                digest=number.to_bytes(16),
                visitor_id=ann,
                item_id=row.item_id,
                kind=1,
                source=1,
                occurred_at=NOW - number // 3,
                received_at=NOW,
            )
            for number in range(1, many + 1)
        ],
        batch_size=500,
    )
    with CaptureQueriesContext(connection) as queries:
        tracemalloc.start()
        count = sum(piece.count("happened_at") for piece in export(ANN, now=NOW + DAY))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == many + 6
    assert len(queries) < 60
    assert peak < 4e6  # with the text of all of them in memory it is more
