"""Figures by day as a small picture of bars, and in words for who does not see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.formats import date_format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

#: In the picture's own units.
_HEIGHT: Final = 30
_STEP: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    height: int
    told: str


@dataclass(frozen=True, slots=True)
class Bars:
    """``bars``: one for each day on which something was counted, as high as the busiest day allows; ``counts``: of all
    days; ``today``: of the last."""

    label: str | _StrPromise
    bars: Sequence[Bar]
    counts: Sequence[int]
    total: int
    today: int
    most: int
    width: int
    height: int = _HEIGHT


def bars_of(label: str | _StrPromise, counts: Mapping[int, int], days: range) -> Bars:
    """``counts``: by day, as `datetime.date.toordinal` counts days."""
    figures = [counts.get(day, 0) for day in days]
    most = max(figures)
    bars = [_bar(place, count, most, days[place]) for place, count in enumerate(figures) if count]
    return Bars(label, bars, figures, sum(figures), figures[-1], most, len(days) * _STEP)


def _bar(place: int, count: int, most: int, day: int) -> Bar:
    height = max(1, round(count / most * _HEIGHT))
    return Bar(place * _STEP, _HEIGHT - height, height, f"{day_text(day)}: {count}")


def day_text(day: int) -> str:
    """A day as people write it."""
    return date_format(date.fromordinal(day), "SHORT_DATE_FORMAT")
