"""Whether an item sells better lately than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.recommenders.pairs import pair_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


def trend(interactions: Interactions, *, days: float, base_days: float) -> NDArray[np.float64]:
    """``r² / (1 + r²)``, r how many times its usual rate the item is taken at lately: float64 (n_items,) in 0 … 1.

    ``r = (p_days / days) / (p_base_days / base_days)`` with p as in `Popularity`. 1/2: as ever, or nothing is known;
    this is ``(1 + tanh(log r)) / 2``.
    """
    if interactions.times is None:
        return np.full(interactions.n_items, 0.5)
    lately, usually = (_rate(interactions, each) for each in (days, base_days))
    known = usually > np.finfo(np.float64).tiny
    squared = np.where(known, lately / np.where(known, usually, 1.0), 1.0) ** 2
    return np.asarray(squared / (1 + squared))


def _rate(interactions: Interactions, days: float) -> NDArray[np.float64]:
    """Visitors a day, float64 (n_items,)."""
    pairs = pair_matrix(interactions, decay_days=days)
    return np.asarray(np.bincount(pairs.indices, pairs.data, minlength=interactions.n_items) / days)
