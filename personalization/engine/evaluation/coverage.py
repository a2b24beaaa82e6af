from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def coverage(ranked: NDArray[np.int32], n_known: int) -> float:
    """The share of the training items that anybody was shown: ``distinct recommended / training items``.

    ranked int32 (m, k) item rows, -1 where a list is short; n_known ≥ 0 → 0 … 1 (0 without training items).
    """
    shown = np.unique(ranked[ranked >= 0])
    return len(shown) / n_known if n_known else 0.0
