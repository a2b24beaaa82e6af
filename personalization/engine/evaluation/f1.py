from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def f1(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """The harmonic mean of precision and recall, for each visitor: ``2 · hits / (k + relevant)``.

    hits bool (m, k); relevant int64 (m,) > 0 → float64 (m,) in 0 … 1. The mean over visitors is not the F1 of the
    mean precision and the mean recall.
    """
    return np.asarray(2 * hits.sum(axis=1) / (hits.shape[1] + relevant))
