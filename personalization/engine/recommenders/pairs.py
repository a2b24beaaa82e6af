"""Interactions as one sparse matrix: lines collapse to distinct (visitor, item) pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csc_array, csr_array

from personalization.engine.kernels.blocks import row_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

_MICROSECONDS_PER_DAY: Final = 86_400_000_000
#: Entries that are sorted at once: few enough to stay in the caches of a processor.
_BLOCK: Final = 1 << 15


def pair_matrix(
    interactions: Interactions, *, binary: bool = True, decay_days: float | None = None
) -> csr_array[np.float64]:
    """Collapse interactions to one value for each (visitor, item) pair.

    ``d(e) = exp(-age(e) / decay_days)``, age = as_of - time of the event, not below 0; ``d = 1`` without decay or
    without times. The value of a pair is ``max d(e)`` when binary, that is the decay of its latest event, else
    ``Σ weight(e) · d(e)``. Meanwhile it takes 24 bytes for each interaction, and 12 for each pair when it is done.

    Returns
    -------
    float64 CSR of shape (n_visitors, n_items), columns ascending in each row; the order of the events does not
    change a bit of it.
    """
    grouped, now = _by_visitor(interactions), present(interactions)
    width, filled = max(interactions.n_items, 1), 0
    columns = np.empty(len(interactions), dtype=np.int32)
    values = np.empty(len(interactions), dtype=np.float64)
    indptr = np.zeros(interactions.n_visitors + 1, dtype=np.int32)  # of 64 bits it would make the columns so
    for start, stop in row_blocks(grouped.indptr, _BLOCK):
        sizes, part = np.diff(grouped.indptr[start : stop + 1]), slice(*grouped.indptr[[start, stop]])
        keys = np.repeat(np.arange(stop - start, dtype=np.int64) * width, sizes) + grouped.data[part]
        chosen = grouped.indices[part]
        worth = None if binary else interactions.weights[chosen].astype(np.float64)
        if decay_days is not None and interactions.times is not None:
            fresh = np.exp(-ages(interactions.times[chosen], now) / decay_days)
            worth = fresh if worth is None else fresh * worth
        keys, found = _collapse(keys, worth, np.maximum if binary else np.add)
        place, rows = slice(filled, filled + len(keys)), keys // width
        columns[place], values[place] = keys - rows * width, found
        indptr[start + 1 : stop + 1] = filled + np.cumsum(np.bincount(rows, minlength=stop - start))
        filled = place.stop
    columns.resize(filled, refcheck=False)  # what is not needed is given back without a copy
    values.resize(filled, refcheck=False)
    return csr_array((values, columns, indptr), shape=(interactions.n_visitors, interactions.n_items))


def decay(interactions: Interactions, days: float | None) -> NDArray[np.float64]:
    """exp(-age in days / days) of every interaction: float64 (n,); ones when days or the times are unknown."""
    times = interactions.times
    if days is None or times is None or not len(times):
        return np.ones(len(interactions), dtype=np.float64)
    return np.exp(-ages(times, present(interactions)) / days)


def present(interactions: Interactions) -> int:
    """The instant that learning pretends it is, UTC microseconds; 0 when nothing is known of times."""
    if interactions.as_of is not None:
        return interactions.as_of
    times = interactions.times
    return int(times.max()) if times is not None and len(times) else 0


def ages(times: NDArray[np.int64], now: int) -> NDArray[np.float64]:
    """Days from each of some instants to now, not below 0: float64 of the same shape."""
    return np.asarray(np.maximum(now - times, 0) / _MICROSECONDS_PER_DAY)


def _by_visitor(interactions: Interactions) -> csr_array[np.int32]:
    """Row u lists the interactions of visitor u: their numbers, int32 and ascending, with their items as data."""
    n = len(interactions)
    each = (interactions.items, interactions.visitors, np.arange(n + 1, dtype=np.int32))
    return csr_array(csc_array(each, shape=(interactions.n_visitors, n)).tocsr())


def _collapse(
    keys: NDArray[np.int64], values: NDArray[np.float64] | None, reduce: np.ufunc
) -> tuple[NDArray[np.int64], NDArray[np.float64] | float]:
    """The distinct keys, ascending, and what the values of each come to; None: all are 1, and the largest is wanted."""
    if values is None:
        keys.sort()
        return keys[np.diff(keys, prepend=-1) > 0], 1.0
    order = np.lexsort((values, keys))  # by value too: a floating-point sum depends on the order of its terms
    keys, values = keys[order], values[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[starts], reduce.reduceat(values, starts) if len(starts) else values
