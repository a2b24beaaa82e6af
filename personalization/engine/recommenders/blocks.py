"""Rows of a sparse matrix, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def row_blocks(totals: NDArray[Any], most: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of rows, each of at most so many entries, or of one row.

    totals : int (rows + 1,), how many entries stand before each row, and at last all of them
    """
    start = 0
    while start < len(totals) - 1:
        stop = max(start + 1, int(np.searchsorted(totals, int(totals[start]) + most, side="right")) - 1)
        yield start, stop
        start = stop
