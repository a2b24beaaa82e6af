"""Rows of a sparse matrix, a few at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

Made = TypeVar("Made")


def row_blocks(totals: NDArray[Any], most: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of rows, each of at most so many entries, or of one row.

    totals : int (rows + 1,), how many entries stand before each row, and at last all of them
    """
    start = 0
    while start < len(totals) - 1:
        stop = max(start + 1, int(np.searchsorted(totals, int(totals[start]) + most, side="right")) - 1)
        yield start, stop
        start = stop


def made_ahead(
    make: Callable[[int, int], Made], parts: Iterator[tuple[int, int]], *, ahead: bool
) -> Iterator[tuple[tuple[int, int], Made]]:
    """Each part with what ``make`` makes of it, in their order. ``ahead``: while one is used another thread makes the
    next one, and two are held; scipy multiplies sparse matrices without the interpreter's lock."""
    if not ahead:
        for part in parts:
            yield part, make(*part)
        return
    current = next(parts, None)
    if current is None:
        return
    made = make(*current)
    with ThreadPoolExecutor(1) as worker:
        for following in parts:
            coming = worker.submit(make, *following)
            yield current, made
            current, made = following, coming.result()
    yield current, made
