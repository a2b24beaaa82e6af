"""Ratings as one sparse matrix: one for each pair that was rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

    _Ratings: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]


def rating_matrix(interactions: Interactions, *, source: str = "ratings") -> csr_array[np.float32]:
    """The newest rating of every (visitor, item) pair that has one; of equally new ones the highest.

    Parameters
    ----------
    source : "ratings": those of the entries, NaN is none, and the dislikes; "weights": every entry is one

    Returns
    -------
    float32 CSR of shape (n_visitors, n_items), columns ascending in each row; a rating of 0 is an entry as well.
    """
    shape = (interactions.n_visitors, interactions.n_items)
    keys, values, times = (np.concatenate(parts) for parts in zip(*_told(interactions, source), strict=True))
    order = np.lexsort((values, times, keys))
    keys, values = keys[order], values[order]
    newest = np.flatnonzero(np.diff(keys, append=-1) != 0)
    rows, columns = np.divmod(keys[newest], max(shape[1], 1))
    indptr = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=indptr[1:])
    return csr_array((values[newest], columns.astype(np.int32), indptr), shape=shape)


def _told(interactions: Interactions, source: str) -> Iterator[_Ratings]:
    """(pair, rating, time) of what was said, by place."""
    width = max(interactions.n_items, 1)
    given = interactions.weights if source == "weights" else interactions.ratings
    if given is None:
        given = np.full(len(interactions), np.nan, dtype=np.float32)
    rated = np.flatnonzero(~np.isnan(given))
    times = np.zeros(len(given), np.int64) if interactions.times is None else interactions.times
    keys = interactions.visitors.astype(np.int64) * width + interactions.items
    yield keys[rated], given[rated], times[rated]
    low = interactions.dislikes
    if low is not None and source == "ratings":
        yield low.visitors.astype(np.int64) * width + low.items, low.ratings, low.times
