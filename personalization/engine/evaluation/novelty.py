from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def novelty(ranked: NDArray[np.int32], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """How little known the listed items are, in bits: the mean of ``-log2(share of the visitors who have the item)``.

    ranked int32 (m, k), -1 where a list is short; shares float64 (n_items,) in 0 … 1, not 0 for a listed item
    → float64 (m,) ≥ 0; 0 for an empty list.
    Vargas and Castells, Rank and relevance in novelty and diversity metrics, RecSys 2011.
    """
    listed = ranked >= 0
    bits = np.where(listed, -np.log2(np.where(listed, shares[ranked], 1.0)), 0.0)
    return np.asarray(bits.sum(axis=1) / np.maximum(listed.sum(axis=1), 1))
