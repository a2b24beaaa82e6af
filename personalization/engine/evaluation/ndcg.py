from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def ndcg(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """How early the relevant items come, compared with the best possible list.

    ``DCG = Σ_{j=1}^{k} hit_j / log2(j + 1)``; ``NDCG = DCG / Σ_{j=1}^{min(k, relevant)} 1 / log2(j + 1)``.

    hits bool (m, k); relevant int64 (m,) > 0 → float64 (m,) in 0 … 1.
    Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, TOIS 2002 (binary gain).
    """
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, k) - 1]
    return np.asarray(hits @ discounts / ideal)
