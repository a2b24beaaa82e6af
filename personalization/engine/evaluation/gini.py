from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def gini(ranked: NDArray[np.int32], possible: NDArray[np.bool_]) -> float:
    """How unevenly items are shown: 0 when all are shown alike, near 1 when a few fill every list.

    ``G = Σ_{j=1}^{n} (2j - n - 1) · x_j / (n · Σ x)`` with x the ascending counts of the n possible items.

    ranked int32 (m, k), -1 where a list is short; possible bool (n_items,): items that may be recommended → 0 … 1; 0 when nothing is shown.
    Fleder and Hosanagar, Blockbuster culture's next rise or fall, Management Science 2009.
    """
    counts = np.sort(np.bincount(ranked[ranked >= 0], minlength=len(possible))[possible])
    n, total = len(counts), counts.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ counts / (n * total)) if total else 0.0
