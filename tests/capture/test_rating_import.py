"""Ratings from a file: the latest of a visitor and item holds, whichever way it came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from personalization.capture.rate import TEXT_LENGTH, rate
from personalization.capture.rating_import import RatingColumnNames, import_ratings
from personalization.engine.instants import from_micros
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Rating, Visitor
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from tests.capture.files import NOW, TIME, store_items, write

if TYPE_CHECKING:
    from pathlib import Path

    from personalization.capture.rating_import import RatingImport

HEADER = ["who", "sku", "stars", "at", "words"]
NAMES = RatingColumnNames("who", "sku", "stars", "at", "words")
ANN = Identity(IdentityKind.USER, "ann")
TOLD = 1_751_364_000_000_000  #: TIME


@pytest.fixture(autouse=True)
def path(settings: Any, db: None, tmp_path: Path) -> Path:
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    store_items("cup", "pot")
    return tmp_path / "ratings.csv"


def line(
    who: str = "ann", sku: str = "cup", stars: str = "4", at: str = TIME, words: str = "Nice"
) -> list[str]:
    return [who, sku, stars, at, words]


def read(path: Path, *rows: list[str], **options: Any) -> RatingImport:
    source = write(path, list(rows), HEADER)
    return import_ratings(source, **{"names": NAMES, "now": NOW, **options})


def counts(done: RatingImport) -> tuple[int, int, int, int]:
    return done.read, done.stored, done.updated, done.older


def said() -> list[tuple[int, str]]:
    return [
        (int(value), text)
        for value, text in Rating.objects.order_by("item__key").values_list("value", "text")
    ]


def test_a_file_stores_what_rating_one_by_one_stores(path: Path) -> None:
    assert counts(read(path, line(words="Two\nlines, «ok»"))) == (1, 1, 0, 0)
    fields = ("visitor_id", "item_id", "value", "scale_low", "scale_high", "text", "rated_at")
    imported = list(Rating.objects.values_list(*fields))
    (event,) = Event.objects.values_list("digest", "kind", "occurred_at")
    assert event[1:] == (Kind.RATE, from_micros(TOLD))
    rate(ANN, "cup", 4, text="Two\nlines, «ok»", now=TOLD)
    assert list(Rating.objects.values_list(*fields)) == imported
    assert list(Event.objects.values_list("digest", "kind", "occurred_at")) == [event]


def test_reading_a_file_again_changes_nothing_but_what_was_corrected(path: Path) -> None:
    read(path, line(), line(sku="pot"))
    assert counts(read(path, line(stars="2"), line(sku="pot"))) == (2, 0, 2, 0)
    assert said() == [(2, "Nice"), (4, "Nice")]
    assert (Visitor.objects.count(), Event.objects.count()) == (1, 2)


def test_the_latest_of_a_file_holds_in_whichever_order_it_stands(path: Path) -> None:
    late = line(stars="5", at="2025-07-02T10:00:00Z")
    assert counts(read(path, late, line(stars="1"))) == (2, 1, 0, 1)
    assert said() == [(5, "Nice")]


def test_a_file_never_replaces_a_later_rating(path: Path) -> None:
    rate(ANN, "cup", 1, text="Broke", now=TOLD + 1)
    assert counts(read(path, line())) == (1, 0, 0, 1)
    assert said() == [(1, "Broke")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (line(who=""), "missing_visitor"),
        (line(sku=" "), "missing_item"),
        (line(sku="saw"), "unknown_item"),
        (line(stars="0"), "bad_value"),
        (line(stars="6"), "bad_value"),
        (line(stars="4.5"), "bad_value"),
        (line(stars="٤"), "bad_value"),
        (line(stars=""), "bad_value"),
        (line(at="yesterday"), "bad_time"),
        (line(words="x" * (TEXT_LENGTH + 1)), "bad_text"),
        (["ann", "cup"], "wrong_columns"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line_and_the_others_are_stored(
    path: Path, row: list[str], reason: str
) -> None:
    done = read(path, line(words="Two\nlines"), row, line(sku="pot"))
    assert (counts(done), done.quarantined) == ((3, 2, 0, 0), {reason: 1})
    assert path.with_name("ratings.quarantine.csv").read_text().splitlines()[1].startswith(f"4,{reason}")


def test_the_scale_is_the_shops(path: Path, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RATING_SCALE": (-1, 1)}
    done = read(path, line(stars="-1"), line(sku="pot", stars="2"))
    assert (done.stored, done.quarantined) == (1, {"bad_value": 1})
    assert Rating.objects.values_list("value", "scale_low", "scale_high").get() == (-1, -1, 1)


def test_a_file_without_words_stores_numbers(path: Path) -> None:
    read(path, line(), names=replace(NAMES, text=""))
    assert said() == [(4, "")]


def test_nothing_is_stored_of_who_refused_or_was_erased_later(path: Path) -> None:
    choose(Identity(IdentityKind.USER, "bob"), agreed=False, now=TOLD + 1)
    rate(ANN, "pot", 3, now=TOLD)
    erase([ANN], now=TOLD + 1)
    done = read(path, line(), line(who="bob"), line(who="cem"))
    assert (done.stored, done.quarantined) == (1, {"erased": 1, "refused": 1})


def test_where_people_are_asked_first_a_file_may_say_that_they_agreed(path: Path, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    assert read(path, line()).quarantined == {"refused": 1}
    assert read(path, line(), consented=True).stored == 1


def test_chunks_add_up_and_visitors_are_asked_for_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalization.capture.chunk.ROWS", 2)
    done = read(path, *[line(who=f"u{number % 3}", sku=sku) for sku in ("cup", "pot") for number in range(3)])
    assert counts(done) == (6, 6, 0, 0)
    assert Visitor.objects.count() == 3


def test_a_missing_column_stores_nothing(path: Path) -> None:
    with pytest.raises(InvalidInputError, match="grade"):
        read(path, line(), names=replace(NAMES, value="grade"))
    assert not Rating.objects.exists()
