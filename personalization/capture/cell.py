"""What a cell of an import says: its text → a value for the database, or the problem with it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from personalization.capture.quarantine import Problem
from personalization.engine.ids import KEY_LENGTH, storable

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")

#: Texts that a cache holds at most; twice what one chunk has rows.
CACHE: Final = 20_000
ORDER_LENGTH: Final = 64

DAY: Final = 86_400_000_000
EARLIEST: Final = 631_152_000_000_000  #: 1990-01-01T00:00:00Z in microseconds
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - subtracted from local readings of UTC
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_QUANTITY: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_STOCK: Final = re.compile(r"(?:-?[0-9]{1,9}(?:\.[0-9]{1,3})?)?")
_PRICE: Final = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,4})?")
_WHOLE: Final = re.compile(r"-?[0-9]{1,5}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}|")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


class Cells(dict[str, V | None], Generic[V]):
    """Text → value, worked out once per text; None stands for a problem, which ``problem(text)`` names."""

    def __init__(self, parse: Callable[[str], V | Problem]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> V | None:
        value = self._parse(text)
        self[text] = None if isinstance(value, Problem) else value
        return self[text]

    def problem(self, text: str) -> Problem:
        """What is wrong with a text whose value is None."""
        value = self._parse(text)
        assert isinstance(value, Problem)  # noqa: S101 - parsing is a pure function
        return value

    def trim(self) -> None:
        """Forget everything once there is too much of it."""
        if len(self) > CACHE:
            self.clear()


def key(text: str, missing: Problem) -> str | Problem:
    """A key, exactly as it stands."""
    if not text or text.isspace():
        return missing
    return Problem.BAD_KEY if len(text) > KEY_LENGTH or _CONTROL.search(text) else text


def order(text: str) -> str | Problem:
    """An order number; it may be empty."""
    return Problem.BAD_ORDER if len(text) > ORDER_LENGTH or _CONTROL.search(text) else text


def quantity(text: str) -> str | Problem:
    """A plain decimal above 0 with at most 3 places."""
    if _QUANTITY.fullmatch(text) and text.strip("0."):
        return text
    negative = text.startswith("-") and _QUANTITY.fullmatch(text[1:])
    return Problem.NEGATIVE_QUANTITY if negative else Problem.BAD_QUANTITY


def stock(text: str) -> str | Problem:
    """A plain decimal with at most 3 places, below 0 where more was sold than there was; nothing means unknown."""
    return text if _STOCK.fullmatch(text) else Problem.BAD_STOCK


def price(text: str) -> str | Problem:
    """A plain decimal of 0 or more with at most 4 places."""
    return text if _PRICE.fullmatch(text) else Problem.BAD_PRICE


def optional_price(text: str) -> str | Problem:
    """The same where nothing means unknown."""
    return price(text) if text else text


def currency(text: str) -> str | Problem:
    """Three capital letters of ISO 4217, or nothing."""
    return text if _CURRENCY.fullmatch(text) else Problem.BAD_CURRENCY


def whole_number(text: str, scale: tuple[int, int]) -> int | Problem:
    """A whole number on a scale, both ends included."""
    number = int(text) if _WHOLE.fullmatch(text) else None
    return Problem.BAD_VALUE if number is None or not scale[0] <= number <= scale[1] else number


def words(text: str, limit: int) -> str | Problem:
    """What somebody wrote, of at most ``limit`` characters; those that no database stores become U+FFFD."""
    return Problem.BAD_TEXT if len(text) > limit else storable(text)


def phrase(text: str, limit: int) -> str | Problem:
    """Text for people, of at most ``limit`` characters."""
    return Problem.BAD_TEXT if len(text) > limit or _CONTROL.search(text) else text


def instant(text: str, zone: ZoneInfo, now: int) -> int | Problem:
    """UTC microseconds of an ISO 8601 date or time, which has happened and is not from before 1990.

    Without an offset the time is read in ``zone``; one that the clocks showed twice, or never, is a problem.
    """
    match = _TIME.fullmatch(text)
    try:
        moment = datetime.fromisoformat(text) if match else None
    except ValueError:
        moment = None
    if moment is None:
        return Problem.BAD_TIME
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            return Problem.AMBIGUOUS_TIME
    offset = moment.utcoffset()
    assert offset is not None  # noqa: S101 - it has a zone by now
    apart = moment.replace(tzinfo=None) - _EPOCH - offset
    micros = (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds
    return micros if EARLIEST <= micros <= now + DAY else Problem.TIME_OUT_OF_RANGE


def optional_instant(text: str, zone: ZoneInfo, now: int) -> int | str | Problem:
    """The same where nothing means unknown."""
    return instant(text, zone, now) if text else text
