from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How many lists are summed at once: bounds the memory.
_LISTS: Final = 512


def diversity(ranked: NDArray[np.int32], vectors: csr_array[np.float64]) -> NDArray[np.float64]:
    """How unlike the items of one list are: 1 - the mean cosine of its pairs.

    The sum over all pairs needs no pair: ``Σ_{i≠j} x_i·x_j = |Σ x_i|² - c`` for the c unit vectors of a list.

    ranked int32 (m, k), -1 where a list is short; vectors float64 (n_items, d) sparse, rows of length 1 and not negative
    → float64 (m,) in 0 … 1; 0 for fewer than two items.
    Ziegler et al., Improving recommendation lists through topic diversification, WWW 2005 (intra-list similarity).
    """
    parts = [_of_lists(ranked[start : start + _LISTS], vectors) for start in range(0, len(ranked), _LISTS)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _of_lists(ranked: NDArray[np.int32], vectors: csr_array[np.float64]) -> NDArray[np.float64]:
    listed = ranked >= 0
    counts = listed.sum(axis=1)
    ends = np.concatenate([[0], np.cumsum(counts)])
    chosen = csr_array((np.ones(ends[-1]), ranked[listed], ends), shape=(len(ranked), vectors.shape[0]))
    sums = (chosen @ vectors).tocsr()
    squares = np.asarray(sums.multiply(sums).sum(axis=1)).ravel()
    pairs = counts * (counts - 1)
    return np.where(pairs > 0, np.clip(1 - (squares - counts) / np.maximum(pairs, 1), 0.0, 1.0), 0.0)
