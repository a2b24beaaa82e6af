"""Ratings as one sparse matrix: one for each pair that was rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions


def rating_matrix(interactions: Interactions, *, source: str = "ratings") -> csr_array[np.float32]:
    """The newest rating of every (visitor, item) pair that has one; of equally new ones the highest.

    Parameters
    ----------
    source : "ratings": NaN is no rating, and None no rating at all; "weights": every entry is one

    Returns
    -------
    float32 CSR of shape (n_visitors, n_items), columns ascending in each row; a rating of 0 is an entry as well.
    """
    given = interactions.weights if source == "weights" else interactions.ratings
    shape = (interactions.n_visitors, interactions.n_items)
    if given is None:
        nothing = (np.empty(0, np.float32), np.empty(0, np.int32), np.zeros(shape[0] + 1, np.int64))
        return csr_array(nothing, shape=shape)
    rated = np.flatnonzero(~np.isnan(given))
    values = given[rated]
    times = np.zeros(len(rated)) if interactions.times is None else interactions.times[rated]
    keys = (
        interactions.visitors[rated].astype(np.int64) * max(interactions.n_items, 1)
        + interactions.items[rated]
    )
    order = np.lexsort((values, times, keys))
    keys, values = keys[order], values[order]
    newest = np.flatnonzero(np.diff(keys, append=-1) != 0)
    rows, columns = np.divmod(keys[newest], max(interactions.n_items, 1))
    indptr = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=indptr[1:])
    parts = (values[newest].astype(np.float32), columns.astype(np.int32), indptr)
    return csr_array(parts, shape=shape)
