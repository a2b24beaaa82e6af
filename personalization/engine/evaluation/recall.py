from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def recall(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of a visitor's relevant items that the list holds: ``hits / relevant``.

    hits bool (m, k): place j of visitor i's list is relevant; relevant int64 (m,) > 0 → float64 (m,) in 0 … 1.
    """
    return np.asarray(hits.sum(axis=1) / relevant)
