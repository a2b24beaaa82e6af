"""What a visitor did with an item that it already has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.two_stage.item_facts import mean_of
from personalization.engine.two_stage.owned import DECAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.two_stage.candidates import Candidates
    from personalization.engine.two_stage.snapshot import Snapshot


def own_history(snapshot: Snapshot, candidates: Candidates) -> dict[str, NDArray[np.float64]]:
    """Name → float64 (c,): counts are 0 and ages NaN where the visitor does not have the candidate.

    ``own_due`` is the age of the last basket with the item in mean gaps between such baskets.
    """
    owned = snapshot.owned
    lines, has = owned.find(candidates.visitors * max(snapshot.n_items, 1) + candidates.items)
    orders = np.bincount(snapshot.baskets.visitors, minlength=snapshot.n_visitors)[candidates.visitors]
    counts = _or(0.0, owned.counts, lines, has)
    newest, oldest = _or(np.nan, owned.newest, lines, has), _or(np.nan, owned.oldest, lines, has)
    gap = np.divide(oldest - newest, counts - 1, out=np.full(len(counts), np.nan), where=counts > 1)
    columns = {
        "own_count": counts,
        "own_share": counts / np.maximum(orders, 1),
        **{f"own_{days}": _or(0.0, owned.decayed[place], lines, has) for place, days in enumerate(DECAYS)},
        "own_last": newest,
        "own_first": oldest,
        "own_gap": gap,
        "own_due": newest / np.maximum(gap, 1.0),
        "own_orders_since": _or(np.nan, owned.place.astype(np.float64), lines, has),
        "own_latest": _or(0.0, owned.latest, lines, has),
    }
    if snapshot.quantities is not None:
        columns["own_quantity"] = _or(np.nan, _quantities(snapshot, snapshot.quantities), lines, has)
    return columns


def _quantities(snapshot: Snapshot, quantities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean pieces of each line of `Owned`; entries stand in the order of its keys."""
    events = snapshot.events
    keys = events.visitors.astype(np.int64) * max(snapshot.n_items, 1) + events.items
    return mean_of(np.cumsum(np.diff(keys, prepend=-1) != 0) - 1, quantities, len(snapshot.owned.keys))


def _or(
    missing: float, values: NDArray[np.float64], lines: NDArray[np.int64], has: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.where(has, values[lines], missing) if len(values) else np.full(len(has), missing)
