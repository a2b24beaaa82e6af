"""The typed fields of a condition: how each is read strictly, written canonically, and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from personalization.engine.ids import KEY_LENGTH, is_key
from personalization.engine.rules.words import OR, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from personalization.engine.rules.words import Translate

#: The most values of one list.
MAX_VALUES: Final = 1_000

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,10})(?:\.[0-9]{1,4})?")
_WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)?")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_CURRENCY = re.compile(r"[A-Z]{3}")
_YEARS = range(1970, 3000)


class FieldType(StrEnum):
    """What stands in a field: in JSON, and when it has been read."""

    WHOLE = "whole"  #: JSON integer; int
    NUMBER = "number"  #: JSON integer, or decimal text; Decimal
    AMOUNT = "amount"  #: decimal text; Decimal
    CURRENCY = "currency"  #: text, ISO 4217; str
    TEXT = "text"  #: text; str
    TEXTS = "texts"  #: list of texts; frozenset of str
    WALL = (
        "wall"  #: ``2026-11-27`` or ``2026-11-27T18:00`` in the shop's zone; date (a whole day) or datetime
    )
    CLOCK = "clock"  #: ``18:00`` in the shop's zone; time


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with a value. ``path``: JSON pointer below the field."""

    code: str
    message: str
    path: str = ""


class RefusedError(Exception):
    """A value that a field does not take. ``refused``: everything that is wrong with it."""

    def __init__(self, *refused: Refused) -> None:
        super().__init__("; ".join([one.message for one in refused]))
        self.refused = refused


def refusal(code: str, message: str) -> RefusedError:
    return RefusedError(Refused(code, message))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a condition; forms are made from it.

    ``low``, ``high``: the least and the most a number may be. ``choices``: the only texts there are, each with its
    label. ``operators``: those that take this field, empty for all. ``shape``: a pattern that texts fully match.
    ``letters``: "upper" or "lower" where texts are stored so. ``suggests``: what a form offers while one types: item,
    category, brand, tag, segment, store.
    """

    name: str
    type: FieldType
    label: str
    required: bool = True
    low: int = 0
    high: int = 99_999_999_999
    choices: Mapping[str, str] = field(default_factory=dict)
    operators: tuple[str, ...] = ()
    shape: str = ""
    letters: str = ""
    suggests: str = ""

    def takes_part(self, operator: str) -> bool:
        """Whether conditions with this operator have the field."""
        return not self.operators or operator in self.operators

    def read(self, raw: object) -> object:
        """The value of what JSON holds.

        Raises RefusedError.
        """
        return _READERS[self.type](self, raw)

    def write(self, value: object) -> object:
        """What JSON holds of a value, always the same for equal values."""
        match value:
            case frozenset():
                return sorted(value)
            case Decimal():
                return _written_decimal(value, whole=self.type is FieldType.NUMBER)
            case time():
                return value.isoformat("minutes")
            case datetime():
                return value.isoformat("T", "seconds" if value.second else "minutes")
            case date():
                return value.isoformat()
            case _:
                return value

    def show(self, value: object, translate: Translate, joint: str = OR) -> str:
        """The value in words; several texts are joined by ``joint`` (OR or AND)."""
        match value:
            case frozenset():
                return listed(self._named(value, translate), joint, translate)
            case str():
                return self._name(value, translate)
            case datetime():
                return value.isoformat(" ", "seconds" if value.second else "minutes")
            case _:
                return str(self.write(value))

    def _named(self, texts: frozenset[str], translate: Translate) -> Iterator[str]:
        ordered = [text for text in self.choices if text in texts] if self.choices else sorted(texts)
        return (self._name(text, translate) for text in ordered)

    def _name(self, text: str, translate: Translate) -> str:
        if text in self.choices:
            return translate(self.choices[text])
        return text if self.letters or self.type is FieldType.CURRENCY else quoted(text, translate)

    def _read_texts(self, raw: object) -> frozenset[str]:
        if not isinstance(raw, list):
            raise refusal("type", "expected a list of texts")
        if not 0 < len(raw) <= MAX_VALUES:
            raise refusal("count", f"expected 1 to {MAX_VALUES:,} values, got {len(raw):,}")
        read, wrong = set(), []
        for place, one in enumerate(raw):
            try:
                read.add(self._read_text(one))
            except RefusedError as error:
                wrong += [replace(refused, path=f"/{place}") for refused in error.refused]
        if wrong:
            raise RefusedError(*wrong)
        return frozenset(read)

    def _read_text(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise refusal("type", "expected text")
        text = raw
        if self.letters:
            text = raw.upper() if self.letters == "upper" else raw.lower()
        if not is_key(text):
            raise refusal("text", f"expected 1 to {KEY_LENGTH} characters that can be stored")
        if self.choices and text not in self.choices:
            raise refusal("choice", f"expected one of {', '.join(self.choices)}")
        if self.shape and not re.fullmatch(self.shape, text):
            raise refusal("text", "is not written as such values are")
        return text

    def _bounded(self, value: Decimal) -> Decimal:
        if not self.low <= value <= self.high:
            raise refusal("range", f"expected {self.low:,} to {self.high:,}")
        return value

    def _read_whole(self, raw: object) -> int:
        if type(raw) is not int:
            raise refusal("type", "expected a whole number")
        return int(self._bounded(Decimal(raw)))

    def _read_number(self, raw: object) -> Decimal:
        if type(raw) is int:
            return self._bounded(Decimal(raw))
        return self._read_amount(raw)

    def _read_amount(self, raw: object) -> Decimal:
        if not isinstance(raw, str) or not _DECIMAL.fullmatch(raw):
            raise refusal("type", 'expected a decimal number as text, such as "12.50"')
        return self._bounded(Decimal(raw))


def _written_decimal(value: Decimal, *, whole: bool) -> object:
    if value == value.to_integral_value():
        return int(value) if whole else str(int(value))
    return f"{value.normalize():f}"


def _read_currency(_: Field, raw: object) -> str:
    if not isinstance(raw, str) or not _CURRENCY.fullmatch(raw):
        raise refusal("currency", "expected a currency code (ISO 4217), such as EUR")
    return raw


def _read_wall(_: Field, raw: object) -> date:
    """A day, or a time of a day; times with an offset are refused, because all times are the shop's."""
    if not isinstance(raw, str) or not _WALL.fullmatch(raw):
        raise refusal("time", "expected a day or a local time, such as 2026-11-27 or 2026-11-27T18:00")
    try:
        wall = date.fromisoformat(raw) if len(raw) == len("2026-11-27") else datetime.fromisoformat(raw)
    except ValueError:
        raise refusal("time", "there is no such day or time") from None
    if wall.year not in _YEARS:
        raise refusal("range", f"expected a year from {_YEARS.start} to {_YEARS.stop - 1}")
    return wall


def _read_clock(_: Field, raw: object) -> time:
    if not isinstance(raw, str) or not _CLOCK.fullmatch(raw):
        raise refusal("time", "expected a time of day, such as 18:00")
    return time.fromisoformat(raw)


_READERS: Final[Mapping[FieldType, Callable[[Field, object], object]]] = {
    FieldType.WHOLE: Field._read_whole,
    FieldType.NUMBER: Field._read_number,
    FieldType.AMOUNT: Field._read_amount,
    FieldType.CURRENCY: _read_currency,
    FieldType.TEXT: Field._read_text,
    FieldType.TEXTS: Field._read_texts,
    FieldType.WALL: _read_wall,
    FieldType.CLOCK: _read_clock,
}
