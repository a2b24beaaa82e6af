from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def coverage(ranked: NDArray[np.int32], possible: NDArray[np.bool_]) -> float:
    """The share of the items that could be shown to which anybody was shown: ``distinct shown / possible``.

    ranked int32 (m, k) item rows, -1 where a list is short; possible bool (n_items,): items that may be recommended,
    others are not counted → 0 … 1; 0 without possible items.
    """
    shown = np.unique(ranked[ranked >= 0])
    return float(possible[shown].sum() / max(int(possible.sum()), 1))
