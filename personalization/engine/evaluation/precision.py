from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def precision(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the k places that hold a relevant item: ``hits / k``; a short list is not let off.

    hits bool (m, k); relevant int64 (m,), not used → float64 (m,) in 0 … 1.
    """
    return np.asarray(hits.mean(axis=1))
