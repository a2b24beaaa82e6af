from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: How much of the own distribution is mixed into the list's, so that an absent group costs much but not everything.
_SMOOTHING = 0.01


def calibration(own: NDArray[np.float64], listed: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the list departs from what the visitor usually takes; 0 is best.

    ``KL(p ‖ q̃) = Σ_g p_g · ln(p_g / q̃_g)`` with ``q̃ = 0.99 q + 0.01 p`` over groups of items: p the shares of the
    groups in the history, q in the list.

    own, listed float64 (m, groups) ≥ 0, counts or shares → float64 (m,) ≥ 0; 0 without history or list.
    Steck, Calibrated recommendations, RecSys 2018.
    """
    p, q = _shares(own), _shares(listed)
    mixed = (1 - _SMOOTHING) * q + _SMOOTHING * p
    terms = p * np.log(np.where(p > 0, p, 1.0) / np.where(p > 0, mixed, 1.0))
    return np.where(listed.sum(axis=1) > 0, terms.sum(axis=1), 0.0)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300))
