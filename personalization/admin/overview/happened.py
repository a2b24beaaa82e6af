"""What people did in four weeks, by kind and day, as a picture and as figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.admin.bars import bars_of, day_text
from personalization.admin.wall_time import wall_text
from personalization.engine.types import Kind
from personalization.models.event import KIND_LABELS
from personalization.store.campaign_views import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalization.admin.bars import Bars
    from personalization.store.recent import RecentEvents

DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class DayLine:
    day: str
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Happened:
    """``first`` and ``final``: the days at the ends of each picture; ``last``: when the newest event happened;
    ``uncounted``: some events are in no count yet."""

    kinds: Sequence[Bars]
    days: Sequence[DayLine]
    first: str
    final: str
    last: str
    uncounted: bool


def happened(recent: RecentEvents, *, now: int) -> Happened:
    today = day_of(now)
    days = range(today - DAYS + 1, today + 1)
    by_kind = {kind: {day: recent.counts.get((kind, day), 0) for day in days} for kind in Kind}
    kinds = [
        bars_of(KIND_LABELS[kind], counts, days) for kind, counts in by_kind.items() if any(counts.values())
    ]
    return Happened(
        kinds=kinds,
        days=day_lines(kinds, days),
        first=day_text(days[0]),
        final=day_text(today),
        last=wall_text(recent.occurred_at).replace("T", " ")[:16],
        uncounted=recent.uncounted,
    )


def day_lines(kinds: Sequence[Bars], days: range) -> list[DayLine]:
    """The days on which something was counted, newest first."""
    lines = [DayLine(day_text(day), [kind.counts[place] for kind in kinds]) for place, day in enumerate(days)]
    return [line for line in reversed(lines) if any(line.counts)]
