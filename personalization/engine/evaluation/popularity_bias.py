from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def popularity_bias(ranked: NDArray[np.int32], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The average popularity of the listed items: the mean share of the visitors who have them.

    ranked int32 (m, k), -1 where a list is short; shares float64 (n_items,) in 0 … 1 → float64 (m,) in 0 … 1; 0 for an
    empty list.
    Abdollahpouri, Burke and Mobasher, Managing popularity bias in recommender systems with personalized re-ranking,
    FLAIRS 2019 (average recommendation popularity).
    """
    listed = ranked >= 0
    return np.asarray((shares[ranked] * listed).sum(axis=1) / np.maximum(listed.sum(axis=1), 1))
