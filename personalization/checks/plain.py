"""Judges of plain values: numbers, flags, texts, paths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalization.checks.meant import unknown_names
from personalization.engine.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.checks.rule import Judge


def whole(low: int, high: int) -> Judge:
    """A whole number in a range."""

    def judge(value: Any) -> Iterator[str]:
        if type(value) is not int or not low <= value <= high:
            yield f"must be a whole number from {low} to {high}, not {value!r}"

    return judge


def whole_or_none(low: int, high: int) -> Judge:
    """A whole number in a range, or None."""

    def judge(value: Any) -> Iterator[str]:
        if value is not None and any(whole(low, high)(value)):
            yield f"must be None or a whole number from {low} to {high}, not {value!r}"

    return judge


def flag(value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"must be True or False, not {value!r}"


def share(value: Any) -> Iterator[str]:
    if not _is_number(value) or not 0 <= value <= 1:
        yield f"must be a number from 0 to 1, not {value!r}"


def half_life(value: Any) -> Iterator[str]:
    if value is not None and (not _is_number(value) or value <= 0):
        yield f"must be None or a number of days greater than 0, not {value!r}"


def folder(value: Any) -> Iterator[str]:
    if not isinstance(value, str | Path):
        yield f"must be a path, not {value!r}"
    elif "\0" in str(value):
        yield "must be a path without NUL characters"


def scale(value: Any) -> Iterator[str]:
    pair = isinstance(value, tuple | list) and len(value) == 2 and all(type(end) is int for end in value)
    if not pair or not -9999 <= value[0] < value[1] <= 9999:
        yield f"must be two whole numbers, the lower one first, not {value!r}"


def weights(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of kind: weight, not {value!r}"
        return
    yield from unknown_names(value, [kind.name.lower() for kind in Kind], noun="kind")
    for kind, weight in value.items():
        if not _is_number(weight) or weight < 0:
            yield f"must give {kind!r} a finite number of 0 or more, not {weight!r}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
