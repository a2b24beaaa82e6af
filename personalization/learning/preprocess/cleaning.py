"""The pipeline that leaves out what is not to be learned from, step by step, and counts it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.types import Kind
from personalization.learning.preprocess.cancellations import net_of_refunds
from personalization.learning.preprocess.histories import newest_of_each
from personalization.learning.preprocess.opinions import not_disliked
from personalization.learning.preprocess.repeats import first_of_each
from personalization.learning.preprocess.spikes import without_bursts, without_spikes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays
    from personalization.store.rating_arrays import RatingArrays

_KIND_NAMES: Final = {kind.value: kind.name.lower() for kind in Kind}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Events that count, oldest first, and how many did not, by reason."""

    events: EventArrays
    report: Mapping[str, Any]


def clean(
    events: EventArrays,
    *,
    weights: Mapping[int, float],
    ratings: RatingArrays | None = None,
    most_per_visitor: int | None = None,
) -> Cleaned:
    """Leave out, in the order of the steps below, what is not to be learned from.

    Refunds are netted before repeats go, because two lines of one order may hold the same item. Kinds without weight
    go before spikes are looked for: impressions come by the dozen and say nothing about who saw them. Histories are
    cut last, so that only what counts uses up their length.

    Parameters
    ----------
    weights : `Kind` → how much one event counts; kinds that are absent or not above 0 are not learned from
    ratings : what people said of items
    most_per_visitor : of each visitor, only so many of the newest events count; None: all
    """
    steps: tuple[Callable[[EventArrays], Left], ...] = (
        by_people,
        net_of_refunds,
        first_of_each,
        partial(weighted, weights=weights),
        partial(not_disliked, ratings=ratings),
        without_spikes,
        without_bursts,
        partial(newest_of_each, most=most_per_visitor),
    )
    report: dict[str, Any] = {"read": len(events)}
    for step in steps:
        kept, counts = step(events)
        report.update(counts)
        if not kept.all():
            events = events.take(kept)
    report["kept"] = len(events)
    order = np.lexsort((events.kind, events.item, events.person, events.occurred_at))
    return Cleaned(events.take(order), report)


def by_people(events: EventArrays) -> Left:
    """Without bots, staff and prefetching browsers: whoever stored the events has marked them."""
    kept = events.flags == 0
    return kept, {"flagged": int(len(events) - kept.sum())}


def weighted(events: EventArrays, *, weights: Mapping[int, float]) -> Left:
    """Without the kinds that have no weight."""
    kept = np.isin(events.kind, [kind for kind, weight in weights.items() if weight > 0])
    kinds, counts = np.unique(events.kind[~kept], return_counts=True)
    names = (_KIND_NAMES.get(kind, str(kind)) for kind in kinds.tolist())
    return kept, {"without_weight": dict(zip(names, counts.tolist(), strict=True))}
