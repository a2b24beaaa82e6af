"""Pairs of a person and an item as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pair_keys(person: NDArray[np.int64], item: NDArray[Any]) -> NDArray[np.int64]:
    """One number for each, equal where the person (int64 (n,)) and the item (integers (n,), not negative) are:
    int64 (n,). They go by person, then by item."""
    _, codes = np.unique(person, return_inverse=True)
    keys: NDArray[np.int64] = codes.astype(np.int64) * (int(item.max(initial=0)) + 1) + item
    return keys
