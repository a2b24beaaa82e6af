"""What each visitor takes next, old or new, worked out beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.visitor_rows import keep_any, mask_seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.tables import SparseRows

#: Below that share nobody comes back for an item: known ones are offered last.
LEAST_LOYALTY: Final = 0.05


def repeat_rows(
    own: csr_array[np.float64],
    weights: SparseRows,
    of_item: NDArray[np.float64],
    *,
    own_share: float,
    table_share: float,
    count: int,
) -> SparseRows:
    """For each visitor the ``count`` items of largest ``own_share · own + of_item + table_share · s / max(s)``.

    s is the sum of the weights of the visitor's items, max(s) over all items. With own_share 0 the items that a
    visitor has are left out. A visitor without items gets an empty row, an item must score more than 0.

    Parameters
    ----------
    own     : float64 CSR (n_visitors, n_items), an entry for each item that a visitor has
    weights : item → item, rows are sources
    of_item : float64 (n_items,), ≥ 0, the same for everybody

    Returns
    -------
    Rows of visitors, columns are items; best first, ties by the lower item row.
    """
    by_source = csr_array(
        (weights.values.astype(np.float64), weights.indices, weights.indptr), shape=(len(weights),) * 2
    )

    def score(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        has = own[rows]
        ones = csr_array((np.ones(has.nnz), has.indices, has.indptr), shape=has.shape)
        sums = np.maximum((ones @ by_source).toarray(), 0.0)
        best = sums.max(axis=1, initial=0.0, keepdims=True)
        scores = table_share * sums / np.where(best > 0, best, 1.0) + of_item
        places = (np.repeat(np.arange(len(rows)), np.diff(has.indptr)), has.indices)
        scores[places] += own_share * has.data
        scores[np.diff(has.indptr) == 0] = 0.0
        rounded = np.where(scores > 0, scores, -np.inf).astype(np.float32)
        if own_share == 0:
            mask_seen(rounded, has)
        return rounded

    return keep_any(score, own.shape, count)
