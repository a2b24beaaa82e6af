from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.evaluation.rating_errors import errors

if TYPE_CHECKING:
    from numpy.typing import NDArray


def mae(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> float:
    """The mean absolute error of predicted ratings: ``Σ |p - r| / n``, in points of the scale.

    predicted, actual float64 (n,), n ≥ 1, finite → ≥ 0. Raises InvalidInputError naming ``predicted``.
    """
    return float(np.abs(errors(predicted, actual)).mean())
