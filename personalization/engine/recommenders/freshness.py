"""How new an item is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.engine.recommenders.listing import as_of, listed_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

_MICROSECONDS_PER_DAY: Final = 86_400_000_000


def freshness(interactions: Interactions, *, days: float) -> NDArray[np.float64]:
    """``exp(-age / days)``, age since the item was listed: float64 (n_items,) in 0 … 1.

    An item of which nobody knows since when it is sold (`listing.listed_at`) is not new: 0. What is listed after
    ``as_of`` is.
    """
    listed = listed_at(interactions)
    known = listed != UNKNOWN_TIME
    fresh = np.zeros(interactions.n_items, dtype=np.float64)
    if known.any():
        now = as_of(interactions)
        ages = np.maximum((listed[known].max() if now is None else now) - listed[known], 0)
        fresh[known] = np.exp(-ages / (days * _MICROSECONDS_PER_DAY))
    return fresh
