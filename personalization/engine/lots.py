"""Draws that need no generator: whether a thing is drawn depends on its number alone, not on what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: 2**64 over the golden ratio: multiples of it are spread evenly (Knuth, The Art of Computer Programming 3, 6.4).
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def lots(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (n,) in 0 … 1, the same for equal keys ≥ 0, whatever the order."""
    mixed = (keys.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _GOLDEN
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
