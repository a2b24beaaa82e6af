"""What the pictures of items look like: the numbers that a host's adapter tells, as rows hold them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: The most numbers that are kept of a picture.
LONGEST: Final = 4_096


def pack_descriptor(numbers: Sequence[float]) -> bytes | None:
    """float32, little-endian; None for what is no descriptor: nothing, too many numbers, or not finite ones."""
    if not 0 < len(numbers) <= LONGEST:
        return None
    try:
        packed = np.array(numbers, np.float64)
    except (TypeError, ValueError):
        return None
    largest = np.finfo(np.float32).max
    usable = packed.ndim == 1 and bool((np.abs(packed) <= largest).all())  # NaN is not
    return packed.astype("<f4").tobytes() if usable else None


def stack_descriptors(packed: Sequence[bytes | memoryview | None]) -> NDArray[np.float32] | None:
    """float32 (n, d), rows of 0 where there is none; None where there are none at all. Only descriptors as long as most are
    can be compared: the others are left out."""
    sizes = Counter([len(one) for one in packed if one])
    if not sizes:
        return None
    usual = min(sizes, key=lambda size: (-sizes[size], size))
    nothing = bytes(usual)
    rows = b"".join([bytes(one) if one and len(one) == usual else nothing for one in packed])
    return np.frombuffer(rows, "<f4").reshape(len(packed), -1).astype(np.float32)
