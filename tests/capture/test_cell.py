from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from personalization.capture import cell
from personalization.capture.quarantine import Problem

NOW = int(datetime.fromisoformat("2026-11-23T12:00:00Z").timestamp()) * 1_000_000
BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def micros(text):
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.parametrize("text", ["00123", "NA", "1e5", " a ", "猫", "=1+1", "x" * 255, "'; DROP TABLE x;--"])
def test_a_key_is_taken_as_it_stands(text):
    assert cell.key(text, Problem.MISSING_ITEM) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.MISSING_ITEM),
        (" \t", Problem.MISSING_ITEM),
        ("x" * 256, Problem.BAD_KEY),
        ("a\0", Problem.BAD_KEY),
        ("a\nb", Problem.BAD_KEY),
        ("\ud800", Problem.BAD_KEY),
        ("a\x85", Problem.BAD_KEY),
    ],
)
def test_a_key_that_no_shop_has_is_a_problem(text, problem):
    assert cell.key(text, Problem.MISSING_ITEM) == problem


@pytest.mark.parametrize("text", ["1", "0.5", "1.500", "999999999", "007"])
def test_quantities(text):
    assert cell.quantity(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.000", "1e3", "1_000", "१", "NaN", " 1", "1.", ".5", "1.2345", "1234567890", "+1", "1\n"],
)
def test_what_is_no_quantity(text):
    assert cell.quantity(text) == Problem.BAD_QUANTITY


def test_a_negative_quantity_has_a_reason_of_its_own():
    assert cell.quantity("-2") == Problem.NEGATIVE_QUANTITY
    assert cell.quantity("-x") == Problem.BAD_QUANTITY


@pytest.mark.parametrize("text", ["", "0", "7", "-3", "2.5", "999999999.999"])
def test_stocks(text):
    assert cell.stock(text) == text


@pytest.mark.parametrize(
    "text", ["yes", "1e3", "NaN", "१", " 1", "1.", "1.2345", "1234567890", "+1", "--1", "-"]
)
def test_what_is_no_stock(text):
    assert cell.stock(text) == Problem.BAD_STOCK


@pytest.mark.parametrize("text", ["0", "9.99", "0.0001", "99999999999"])
def test_prices(text):
    assert cell.price(text) == text


@pytest.mark.parametrize(
    "text", ["", "-0", "-1", "1,5", "1 000", "NaN", "Infinity", "1e4", "€5", "0.00001", "1" * 12]
)
def test_what_is_no_price(text):
    assert cell.price(text) == Problem.BAD_PRICE


def test_an_optional_price_may_be_left_out():
    assert cell.optional_price("") == ""
    assert cell.optional_price("x") == Problem.BAD_PRICE


@pytest.mark.parametrize(
    ("text", "result"),
    [("EUR", "EUR"), ("", ""), ("eur", Problem.BAD_CURRENCY), ("EURO", Problem.BAD_CURRENCY)],
)
def test_currencies(text, result):
    assert cell.currency(text) == result


def test_orders_and_phrases_have_a_length():
    assert cell.order("") == ""
    assert cell.order("x" * 65) == cell.order("a\tb") == Problem.BAD_ORDER
    assert cell.phrase("x" * 5, 5) == "x" * 5
    assert cell.phrase("x" * 6, 5) == cell.phrase("\0", 5) == Problem.BAD_TEXT


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2011-07-01T10:30:00Z", "2011-07-01T10:30:00Z"),
        ("2011-07-01 10:30:00+02:00", "2011-07-01T08:30:00Z"),
        ("2011-07-01T10:30+0200", "2011-07-01T08:30:00Z"),
        ("2011-07-01T10:30:00", "2011-07-01T08:30:00Z"),
        ("2011-07-01", "2011-06-30T22:00:00Z"),
        ("2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z"),
    ],
)
def test_instants_without_an_offset_are_of_the_projects_zone(text, utc):
    assert cell.instant(text, BERLIN, NOW) == micros(utc)


def test_fractions_of_a_second_are_exact():
    assert cell.instant("2011-07-01T00:00:00.123456Z", UTC, NOW) % 1_000_000 == 123_456


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.BAD_TIME),
        ("now", Problem.BAD_TIME),
        ("0000-00-00", Problem.BAD_TIME),
        ("2026-02-30", Problem.BAD_TIME),
        ("2026-11-23T25:00:00Z", Problem.BAD_TIME),
        ("2011-W01-1", Problem.BAD_TIME),
        ("1700000000", Problem.BAD_TIME),
        ("2011-07-01T10:30:00Z ", Problem.BAD_TIME),
        ("2026-10-25T02:30:00", Problem.AMBIGUOUS_TIME),  # shown twice
        ("2026-03-29T02:30:00", Problem.AMBIGUOUS_TIME),  # never shown
        ("1989-12-31T23:59:59Z", Problem.TIME_OUT_OF_RANGE),
        ("0001-01-01T00:00:00+14:00", Problem.TIME_OUT_OF_RANGE),
        ("9999-12-31T23:59:59-12:00", Problem.TIME_OUT_OF_RANGE),
        ("2026-11-24T12:00:01Z", Problem.TIME_OUT_OF_RANGE),
    ],
)
def test_instants_that_did_not_happen(text, problem):
    assert cell.instant(text, BERLIN, NOW) == problem


def test_cells_are_read_once_per_text_and_forgotten_when_there_are_too_many(monkeypatch):
    asked = []
    cells = cell.Cells(lambda text: asked.append(text) or cell.quantity(text))
    assert [cells[text] for text in ("1", "x", "1", "x")] == ["1", None, "1", None]
    assert asked == ["1", "x"]
    assert cells.problem("x") == Problem.BAD_QUANTITY
    cells.trim()
    assert len(cells) == 2
    monkeypatch.setattr(cell, "CACHE", 1)
    cells.trim()
    assert len(cells) == 0


def test_an_instant_may_be_unknown():
    assert cell.optional_instant("", UTC, NOW) == ""
    assert cell.optional_instant("2026-03-01", UTC, NOW) == micros("2026-03-01T00:00:00+00:00")
    assert cell.optional_instant("soon", UTC, NOW) == Problem.BAD_TIME
