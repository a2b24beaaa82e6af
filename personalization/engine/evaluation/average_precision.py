from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_precision(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of the precision at each hit; its mean over visitors is MAP.

    ``AP = Σ_{j=1}^{k} hit_j · (hits up to j) / j / min(k, relevant)``.

    hits bool (m, k); relevant int64 (m,) > 0 → float64 (m,) in 0 … 1.
    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, 8.4, cut at k.
    """
    k = hits.shape[1]
    precisions = hits.cumsum(axis=1) / np.arange(1, k + 1)
    return np.asarray((precisions * hits).sum(axis=1) / np.minimum(relevant, k))
