"""What people did in four weeks, by kind and day, as a picture and as figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.formats import date_format

from personalization.admin.wall_time import wall_text
from personalization.engine.types import Kind
from personalization.models.event import KIND_LABELS
from personalization.store.campaign_views import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    from personalization.store.recent import RecentEvents

DAYS: Final = 28
#: Of the picture of a kind, in its own units.
_HEIGHT: Final = 30
_STEP: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    height: int
    told: str


@dataclass(frozen=True, slots=True)
class KindLine:
    """``bars``: one per day with events, as high as the kind's busiest day allows."""

    label: str | _StrPromise
    total: int
    today: int
    most: int
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class DayLine:
    day: str
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Happened:
    """``first`` and ``final``: the days at the ends of each picture; ``last``: when the newest event happened;
    ``reaches_to``: before this nothing was counted, '' when all was."""

    kinds: Sequence[KindLine]
    days: Sequence[DayLine]
    first: str
    final: str
    last: str
    reaches_to: str
    width: int = DAYS * _STEP
    height: int = _HEIGHT


def happened(recent: RecentEvents, *, now: int) -> Happened:
    today = day_of(now)
    days = range(today - DAYS + 1, today + 1)
    kinds = [kind for kind in Kind if any((kind, day) in recent.counts for day in days)]
    cut = recent.reaches_to
    return Happened(
        kinds=[_kind_line(kind, days, recent) for kind in kinds],
        days=[
            DayLine(_day(day), [recent.counts.get((kind, day), 0) for kind in kinds])
            for day in reversed(days)
            if any((kind, day) in recent.counts for kind in kinds)
        ],
        first=_day(days[0]),
        final=_day(today),
        last=wall_text(recent.occurred_at).replace("T", " ")[:16],
        reaches_to=wall_text(cut).replace("T", " ")[:16] if cut and day_of(cut) >= days[0] else "",
    )


def _kind_line(kind: Kind, days: range, recent: RecentEvents) -> KindLine:
    counts = [recent.counts.get((kind, day), 0) for day in days]
    most = max(counts)
    bars = [_bar(place, count, most, days[place]) for place, count in enumerate(counts) if count]
    return KindLine(KIND_LABELS[kind], sum(counts), counts[-1], most, bars)


def _bar(place: int, count: int, most: int, day: int) -> Bar:
    height = max(1, round(count / most * _HEIGHT))
    return Bar(place * _STEP, _HEIGHT - height, height, f"{_day(day)}: {count}")


def _day(day: int) -> str:
    return date_format(date.fromordinal(day), "SHORT_DATE_FORMAT")
