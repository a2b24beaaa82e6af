"""How alike two items are by vectors that were learned of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.recommenders.dense_table import keep_largest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.tables import SparseRows


def top_cosines(vectors: NDArray[np.float32], count: int) -> SparseRows:
    """For every item the ``count`` items of largest cosine > 0; an item whose vector is 0 has none.

    vectors : float32 (n_items, d)
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)

    def rows(start: int, stop: int) -> NDArray[np.float32]:
        return np.asarray(unit[start:stop] @ unit.T)

    return keep_largest(rows, len(unit), count)
