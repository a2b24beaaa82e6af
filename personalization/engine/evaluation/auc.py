from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auc(
    hits: NDArray[np.bool_], relevant: NDArray[np.int64], candidates: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How often a relevant item stands before one that is not: ``(pairs in order + ½ · undecided) / all pairs``.

    Two items that are both outside the list are undecided, so a list of all candidates gives the full AUC.

    hits bool (m, k); relevant int64 (m,) > 0; candidates int64 (m,) ≥ relevant: how many items could have been listed
    → float64 (m,) in 0 … 1; ½ where every candidate is relevant.
    Rendle et al., BPR, UAI 2009 (4.1.1).
    """
    others = np.maximum(candidates - relevant, 0)
    misses = np.minimum((~hits).cumsum(axis=1), others[:, None])
    listed = (hits * (others[:, None] - misses)).sum(axis=1)
    outside = (relevant - hits.sum(axis=1)) * (others - misses[:, -1]) / 2
    pairs = relevant * others
    return np.where(pairs > 0, (listed + outside) / np.maximum(pairs, 1), 0.5)
