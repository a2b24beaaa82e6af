"""What visitors come back for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.recommenders.pairs import pair_matrix

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions

_MICROSECONDS_PER_DAY: Final = 86_400_000_000
#: The last part of the time of which it is asked what was taken again.
_WINDOW: Final = 0.25
#: Items that are offered there.
_LENGTH: Final = 10


def occasions(interactions: Interactions) -> Interactions:
    """One entry for each time that a visitor took an item up: the order, else the day (UTC), else the entry itself.

    The heaviest entry of an occasion stands for it, the latest of those of equal weight, so that what was looked at and
    bought on one day is one occasion.
    """
    n = len(interactions)
    if interactions.times is None and interactions.orders is None:
        return interactions
    days = (
        np.zeros(n, np.int64) if interactions.times is None else interactions.times // _MICROSECONDS_PER_DAY
    )
    orders = np.full(n, -1, np.int64) if interactions.orders is None else interactions.orders
    times = days if interactions.times is None else interactions.times
    ordered = orders >= 0
    number = np.where(ordered, orders, days)
    order = np.lexsort(
        (times, interactions.weights, number, ordered, interactions.items, interactions.visitors)
    )
    keys = np.stack([part[order] for part in (interactions.visitors, interactions.items, ordered, number)])
    last = np.ones(n, dtype=np.bool_)
    last[:-1] = (np.diff(keys) != 0).any(axis=0)
    return interactions.take(order[last])


def own_shares(interactions: Interactions) -> csr_array[np.float64]:
    """How often a visitor took an item, beside what it took most: ``log1p(n_ui) / max_j log1p(n_uj)``, 0 … 1.

    ``n_ui = Σ weight / max(weight)`` over the `occasions` of the pair. float64 CSR (n_visitors,
    n_items).
    """
    counted = occasions(interactions)
    counts = pair_matrix(counted, binary=False)
    heaviest = float(counted.weights.max(initial=0.0)) or 1.0
    values = np.log1p(counts.data / heaviest)
    visitors = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    largest = np.zeros(counts.shape[0])
    np.maximum.at(largest, visitors, values)
    largest[largest == 0] = 1.0
    return csr_array((values / largest[visitors], counts.indices, counts.indptr), shape=counts.shape)
