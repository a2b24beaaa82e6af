"""What is known of each item as of an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.two_stage.snapshot import Snapshot

#: Days back over which visitors are counted.
HORIZONS: Final = (7, 14, 30, 60)


def log_share(counts: NDArray[Any]) -> NDArray[np.float64]:
    """``log1p(100 · c / max(c)) / log(101)`` in 0 … 1, so that quiet and busy seasons compare; max over the last axis."""
    top = counts.max(axis=-1, initial=0, keepdims=True)
    return np.asarray(np.log1p(100 * counts / np.where(top > 0, top, 1)) / np.log(101))


def recent_visitors(snapshot: Snapshot, low: float, high: float) -> NDArray[np.float64]:
    """Distinct visitors of each item who took it ``low`` ≤ age < ``high`` days ago: float64 (n_items,)."""
    events, ages = snapshot.events, snapshot.ages
    inside = (ages >= low) & (ages < high)
    keys = events.visitors[inside].astype(np.int64) * max(snapshot.n_items, 1) + events.items[inside]
    distinct = np.diff(keys, prepend=-1) != 0  # entries stand in the order visitor, item
    return np.bincount(events.items[inside][distinct], minlength=snapshot.n_items).astype(np.float64)


def mean_of(groups: NDArray[np.integer], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The mean of the known values of each group: float64 (size,), NaN where none is known."""
    known = ~np.isnan(values)
    sums = np.bincount(groups[known], values[known], size)
    counts = np.bincount(groups[known], minlength=size)
    return np.asarray(np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0))


def item_facts(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    """Name → float64 (n_items,); what is unknown of all items has no entry."""
    return {**_demand(snapshot), **_ages(snapshot), **_kind_of_item(snapshot)}


def _demand(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    owned, n_items = snapshot.owned, snapshot.n_items
    recent = {days: recent_visitors(snapshot, 0, days) for days in HORIZONS}
    everybody = np.bincount(owned.items, minlength=n_items).astype(np.float64)
    again = np.bincount(owned.items[owned.counts > 1], minlength=n_items)
    month = snapshot.ages < 28
    baskets = np.unique(snapshot.baskets.of_entry[month] * max(n_items, 1) + snapshot.events.items[month])
    return {
        **{f"popularity_{days}": log_share(counts) for days, counts in recent.items()},
        "popularity": log_share(everybody),
        "trend_7_30": _ratio(recent[7] / 7, recent[30] / 30, 0.1),
        "trend_14_60": _ratio(recent[14] / 14, recent[60] / 60, 0.1),
        "trend_14_28": _ratio(recent[14], recent_visitors(snapshot, 14, 28), 1.0),
        "orders_28": np.log1p(np.bincount(baskets % max(n_items, 1), minlength=n_items)),
        "reorders": again / (everybody + 5),
    }


def _ages(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    """Days since the first and the last sale, NaN for what was never sold."""
    first, last = np.full(snapshot.n_items, -np.inf), np.full(snapshot.n_items, np.inf)
    np.maximum.at(first, snapshot.events.items, snapshot.ages)
    np.minimum.at(last, snapshot.events.items, snapshot.ages)
    return {
        "first_sold": np.where(snapshot.sold, first, np.nan),
        "last_sold": np.where(snapshot.sold, last, np.nan),
    }


def _kind_of_item(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    """Price, typical quantity, and how the category sells."""
    items, facts = snapshot.events.items, {}
    if snapshot.prices is not None:
        facts["price"] = mean_of(items, snapshot.prices, snapshot.n_items)
    if snapshot.quantities is not None:
        facts["quantity"] = mean_of(items, snapshot.quantities, snapshot.n_items)
    if snapshot.categories is not None:
        numbers, count = snapshot.categories
        demand = np.bincount(numbers, recent_visitors(snapshot, 0, 30), count)
        facts["category_popularity"] = log_share(demand)[numbers]
    return facts


def _ratio(now: NDArray[np.float64], then: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    return np.log((now + start) / (then + start))
