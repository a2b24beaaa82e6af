"""What visitors took at one time, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True, eq=False)
class Baskets:
    """One row for each basket: an order, or else what follows on each other within a gap of time.

    items    : float64 CSR (n_baskets, n_items), 1 where the basket holds the item
    visitors : int64 (n_baskets,)  ascending
    times    : int64 (n_baskets,)  UTC microseconds of its newest entry, ascending for each visitor; 0 when unknown
    """

    items: csr_array[np.float64]
    visitors: NDArray[np.int64]
    times: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.visitors)

    def latest(self, n_visitors: int, *, memory: float) -> csr_array[np.float64]:
        """What each visitor took, ``memory ** p`` for what last was in the p-th newest basket, from 0: float64 CSR
        (n_visitors, n_items)."""
        places = np.searchsorted(self.visitors, self.visitors, side="right") - 1 - np.arange(len(self))
        owners = np.repeat(np.arange(len(self)), np.diff(self.items.indptr))
        width = max(self.items.shape[1], 1)
        keys = self.visitors[owners] * width + self.items.indices
        order = np.lexsort((owners, keys))
        newest = order[np.flatnonzero(np.diff(keys[order], append=-1))]
        rows, columns = np.divmod(keys[newest], width)
        values = np.power(memory, places[owners[newest]].astype(np.float64))
        indptr = np.zeros(n_visitors + 1, dtype=np.int64)
        np.cumsum(np.bincount(rows, minlength=n_visitors), out=indptr[1:])
        return csr_array((values, columns.astype(np.int32), indptr), shape=(n_visitors, self.items.shape[1]))


def find_baskets(interactions: Interactions, *, gap: int = 0) -> Baskets:
    """Entries of one visitor and one order are a basket. Those of no order are one as long as each follows the last
    within ``gap`` microseconds; with 0 what happened at one instant, and when times are unknown all that is left.
    """
    times = np.zeros(len(interactions), np.int64) if interactions.times is None else interactions.times
    orders = np.full(len(interactions), -1) if interactions.orders is None else interactions.orders
    ends = _ends(times, orders)
    order = np.lexsort((interactions.items, orders, ends, interactions.visitors))
    visitors, items = interactions.visitors[order].astype(np.int64), interactions.items[order]
    orders, ends = orders[order], ends[order]
    same = (visitors[1:] == visitors[:-1]) & (orders[1:] == orders[:-1])
    same &= (orders[1:] >= 0) | (np.diff(ends) <= gap)
    begins = np.concatenate([np.ones(min(len(order), 1), np.bool_), ~same])
    numbers = np.cumsum(begins) - 1
    last = np.flatnonzero(np.append(begins[1:], np.ones(min(len(order), 1), np.bool_)))
    return Baskets(_matrix(numbers, items, len(last), interactions.n_items), visitors[last], ends[last])


def _ends(times: NDArray[np.int64], orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """The time of each entry; of all of an order the newest."""
    ends, known = times.copy(), orders >= 0
    if known.any():
        distinct, places = np.unique(orders[known], return_inverse=True)
        newest = np.full(len(distinct), np.iinfo(np.int64).min)
        np.maximum.at(newest, places, times[known])
        ends[known] = newest[places]
    return ends


def _matrix(
    baskets: NDArray[np.int64], items: NDArray[np.int32], n_baskets: int, n_items: int
) -> csr_array[np.float64]:
    rows, columns = np.divmod(np.unique(baskets * max(n_items, 1) + items), max(n_items, 1))
    indptr = np.zeros(n_baskets + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=n_baskets), out=indptr[1:])
    return csr_array((np.ones(len(rows)), columns.astype(np.int32), indptr), shape=(n_baskets, n_items))
