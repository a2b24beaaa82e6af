"""What is known of each visitor as of an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.two_stage.item_facts import mean_of
from personalization.engine.two_stage.snapshot import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.two_stage.snapshot import Snapshot


def visitor_facts(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    """Name → float64 (n_visitors,); what is unknown of all visitors has no entry."""
    size, baskets, owned = snapshot.n_visitors, snapshot.baskets, snapshot.owned
    ages = (snapshot.as_of - baskets.times) / DAY
    orders = np.bincount(baskets.visitors, minlength=size)
    lines = np.bincount(owned.visitors, owned.counts, size)
    items = np.bincount(owned.visitors, minlength=size)
    first, last = np.full(size, np.nan), np.full(size, np.nan)
    np.fmax.at(first, baskets.visitors, ages)
    np.fmin.at(last, baskets.visitors, ages)
    facts = {
        "visitor_orders": np.log1p(orders),
        "visitor_orders_60": np.log1p(np.bincount(baskets.visitors[ages < 60], minlength=size)),
        "visitor_items": np.log1p(items),
        "visitor_first": first,
        "visitor_last": last,
        "visitor_gap": _share(first - last, orders - 1),
        "visitor_basket": np.log1p(_share(lines, orders)),
        "visitor_novelty": _share(items, lines),
    }
    if snapshot.quantities is not None:
        facts["visitor_quantity"] = mean_of(snapshot.events.visitors, snapshot.quantities, size)
    if snapshot.prices is not None:
        facts["visitor_price"] = mean_of(snapshot.events.visitors, snapshot.prices, size)
    return facts


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """NaN where the whole is not > 0."""
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))
