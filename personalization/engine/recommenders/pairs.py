"""Interactions as one sparse matrix: lines collapse to distinct (visitor, item) pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

_MICROSECONDS_PER_DAY: Final = 86_400_000_000


def pair_matrix(
    interactions: Interactions, *, binary: bool = True, decay_days: float | None = None
) -> csr_array[np.float64]:
    """Collapse interactions to one value for each (visitor, item) pair.

    ``d(e) = exp(-age(e) / decay_days)``, age = as_of - time of the event, not below 0; ``d = 1`` without decay or
    without times. The value of a pair is ``max d(e)`` when binary, that is the decay of its latest event, else
    ``Σ weight(e) · d(e)``.

    Returns
    -------
    float64 CSR of shape (n_visitors, n_items), columns ascending in each row; the order of the events does not
    change a bit of it.
    """
    values = decay(interactions, decay_days)
    if not binary:
        values = values * interactions.weights
    keys = interactions.visitors.astype(np.int64) * max(interactions.n_items, 1) + interactions.items
    order = np.lexsort((values, keys))  # by value too: a floating-point sum depends on the order of its terms
    keys, values = keys[order], values[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    reduced = (np.maximum if binary else np.add).reduceat(values, starts) if len(starts) else values
    return _assemble(keys[starts], reduced, interactions)


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


def _assemble(
    keys: NDArray[np.int64], values: NDArray[np.float64], interactions: Interactions
) -> csr_array[np.float64]:
    rows, columns = np.divmod(keys, max(interactions.n_items, 1))
    indptr = np.zeros(interactions.n_visitors + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=interactions.n_visitors), out=indptr[1:])
    shape = (interactions.n_visitors, interactions.n_items)
    return csr_array((values, columns.astype(np.int32), indptr), shape=shape)
