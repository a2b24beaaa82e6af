from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def errors(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    """``predicted - actual``, float64 (n,). Raises InvalidInputError naming ``predicted`` unless both are finite, of one
    shape and not empty."""
    if predicted.shape != actual.shape or not predicted.size:
        raise InvalidInputError("predicted", f"expected shape {actual.shape}, not empty")
    difference = np.asarray(predicted, dtype=np.float64) - actual
    if not np.isfinite(difference).all():
        raise InvalidInputError("predicted", "ratings must be finite")
    return difference
