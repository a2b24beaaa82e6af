from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def hit(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """Whether the list holds a relevant item at all: 1 or 0.

    hits bool (m, k); relevant int64 (m,), not used → float64 (m,).
    """
    return np.asarray(hits.any(axis=1), dtype=np.float64)
