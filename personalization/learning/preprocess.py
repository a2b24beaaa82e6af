"""Stored events → the interactions that recommenders learn from, and a report of what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.interactions import Interactions
from personalization.engine.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.store.extract import EventArrays

_DAY: Final = 86_400_000_000
_KIND_NAMES: Final = {kind.value: kind.name.lower() for kind in Kind}
_SMALLEST: Final = np.finfo(np.float32).tiny


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Events that count, oldest first, and how many did not, by reason."""

    events: EventArrays
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Interactions with their vocabularies.

    item_ids    : int32 (n_items,) item id of each item row, the highest item key first
    visitor_ids : int64 (n_visitors,) person of each visitor row, ascending
    """

    interactions: Interactions
    item_ids: NDArray[np.int32]
    visitor_ids: NDArray[np.int64]


def clean(events: EventArrays, *, weights: Mapping[int, float]) -> Cleaned:
    """Leave out, in this order: bots, staff and prefetches; what was cancelled; repeats; kinds without weight.

    Refunds are netted before repeats go, because two lines of one order may hold the same item.

    ``weights``: `Kind` → how much one event counts; kinds that are absent or not above 0 are not learned from.
    """
    read = len(events)
    events, flagged = _without_flagged(events)
    events, cancellations = _without_cancelled(events)
    events, duplicates = _without_duplicates(events)
    events, unweighted = _without_unweighted(events, weights)
    report = {
        "read": read,
        "flagged": flagged,
        **cancellations,
        "duplicates": duplicates,
        "without_weight": unweighted,
        "kept": len(events),
    }
    return Cleaned(
        _take(events, np.lexsort((events.kind, events.item, events.person, events.occurred_at))), report
    )


def prepare(
    events: EventArrays,
    *,
    weights: Mapping[int, float],
    order: Callable[[Sequence[int]], Sequence[int]],
    as_of: int | None = None,
    half_life_days: float | None = None,
    most_per_visitor: int | None = None,
) -> Prepared:
    """Number visitors and items, and weigh each event.

    ``weight = weights[kind] · 2 ** (-age / half_life_days)``; no decay without a half-life. ``order`` sorts item
    ids by item key, so that ties go by key. With ``most_per_visitor``, only a visitor's newest events count.
    """
    if most_per_visitor is not None:
        events = _capped(events, most_per_visitor)
    visitor_ids, visitors = np.unique(events.person, return_inverse=True)
    known, inverse = np.unique(events.item, return_inverse=True)
    item_ids = np.array(order(known.tolist()), np.int32).reshape(-1)
    rows = np.empty(len(known), np.int32)
    rows[np.searchsorted(known, item_ids)] = np.arange(len(known), dtype=np.int32)
    interactions = Interactions(
        visitors=visitors.astype(np.int32),
        items=rows[inverse],
        weights=_weigh(events, weights, as_of=as_of, half_life_days=half_life_days),
        n_visitors=len(visitor_ids),
        n_items=len(item_ids),
        times=events.occurred_at,
        as_of=as_of,
    )
    return Prepared(interactions, item_ids, visitor_ids)


def _without_flagged(events: EventArrays) -> tuple[EventArrays, int]:
    human = events.flags == 0
    return _take(events, human), int(len(events) - human.sum())


def _without_duplicates(events: EventArrays) -> tuple[EventArrays, int]:
    """The first of each (person, item, kind, time): the same thing reported twice, or a line that was split."""
    keys = (events.occurred_at, events.kind, events.item, events.person)
    order = np.lexsort(keys)  # stable: the first one stored stays first
    new = np.zeros(len(events), bool)
    new[:1] = True
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    firsts = np.sort(order[new])
    return _take(events, firsts), len(events) - len(firsts)


def _without_cancelled(events: EventArrays) -> tuple[EventArrays, dict[str, int]]:
    """Refunds are subtracted from the purchases of the same person and item; what is used up never happened."""
    refund, purchase = events.kind == Kind.REFUND, events.kind == Kind.PURCHASE
    taken = refund | (purchase & (events.quantity < 0))
    signed = np.where(taken, -np.abs(events.quantity), events.quantity) * (refund | purchase)
    pairs = _pairs(events)
    net, refunds = np.bincount(pairs, signed), np.bincount(pairs, taken)
    used_up = (net <= 0) & (refunds > 0)
    cancelled = purchase & used_up[pairs]
    counts = {"refunds": int(refund.sum()), "cancelled": int(cancelled.sum())}
    return _take(events, ~(refund | cancelled)), counts


def _pairs(events: EventArrays) -> NDArray[np.intp]:
    """The number of each event's (person, item) pair: intp (n,), 0 … pairs - 1."""
    _, persons = np.unique(events.person, return_inverse=True)
    keys = persons.astype(np.int64) * (int(events.item.max(initial=0)) + 1) + events.item
    pairs: NDArray[np.intp] = np.unique(keys, return_inverse=True)[1]
    return pairs


def _without_unweighted(
    events: EventArrays, weights: Mapping[int, float]
) -> tuple[EventArrays, dict[str, int]]:
    kept = np.isin(events.kind, [kind for kind, weight in weights.items() if weight > 0])
    kinds, counts = np.unique(events.kind[~kept], return_counts=True)
    names = {_kind_name(kind): count for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)}
    return _take(events, kept), names


def _capped(events: EventArrays, most: int) -> EventArrays:
    newest_first = np.lexsort((events.item, -events.occurred_at, events.person))
    _, starts, counts = np.unique(events.person[newest_first], return_index=True, return_counts=True)
    places = np.arange(len(events)) - np.repeat(starts, counts)
    return _take(events, np.sort(newest_first[places < most]))


def _weigh(
    events: EventArrays, weights: Mapping[int, float], *, as_of: int | None, half_life_days: float | None
) -> NDArray[np.float32]:
    by_kind = np.zeros(max([*weights, 0]) + 1)
    for kind, weight in weights.items():
        by_kind[kind] = weight
    weighed = by_kind[events.kind]
    if half_life_days is not None and len(events):
        newest = int(events.occurred_at.max()) if as_of is None else as_of
        weighed = weighed * np.exp2((events.occurred_at - newest) / (_DAY * half_life_days))
    return np.maximum(weighed, _SMALLEST).astype(np.float32)  # old, but it did happen


def _kind_name(kind: int) -> str:
    return _KIND_NAMES.get(kind, str(kind))


def _take(events: EventArrays, chosen: NDArray[Any]) -> EventArrays:
    return type(events)(
        person=events.person[chosen],
        item=events.item[chosen],
        kind=events.kind[chosen],
        flags=events.flags[chosen],
        quantity=events.quantity[chosen],
        occurred_at=events.occurred_at[chosen],
    )
