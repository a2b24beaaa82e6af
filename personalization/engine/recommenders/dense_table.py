"""Tables from dense rows: each row keeps its largest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.recommenders.item_kernel import transpose
from personalization.engine.recommenders.largest_entries import EACH, LargestEntries, held_bytes
from personalization.engine.recommenders.selection import select_best
from personalization.engine.tables import SparseRows, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

#: Rows that are asked for at once, and how many entries they may have together.
_ROWS: Final = 256
_ENTRIES: Final = 1 << 21
#: What is sorted out at once.
_LOWEST, _ABOVE_ZERO = float(np.finfo(np.float32).min), float(np.finfo(np.float32).tiny)
#: An entry of a table, and one of the rows being made, with its copies, in bytes.
_ENTRY, _CELL = 8, 24


def block_rows(n_columns: int) -> int:
    """How many rows of that many columns are asked for at once."""
    return max(1, min(_ROWS, _ENTRIES // max(n_columns, 1)))


def keep_largest(
    rows: Callable[[int, int], NDArray[np.float32]],
    n_rows: int,
    count: int,
    *,
    least: float = _ABOVE_ZERO,
    signed: bool = False,
) -> SparseRows:
    """The ``count`` largest entries of each row that are > 0, ties by the lower column; never the diagonal.

    Parameters
    ----------
    rows   : rows start … stop - 1, float32 (stop - start, n_rows), finite; written over
    least  : what is smaller is nothing
    signed : keep what is < 0, too
    """
    best = _Best(n_rows, count)
    for start, stop in _blocks(n_rows):
        block = rows(start, stop)
        if signed:
            np.putmask(block, block == 0, np.float32(-np.inf))
        best.add(*_largest(block, start, best.count, _LOWEST if signed else least))
    return best.rows()


def tables_of(
    rows: Callable[[int, int], NDArray[np.float32]],
    n_items: int,
    neighbors: int,
    *,
    least: float,
    pooled: bool = False,
) -> Tables:
    """Both tables of dense weights, target by target.

    Each target has its ``neighbors`` largest sources as neighbors, and as weights unless they are pooled: then these are
    the ``neighbors · n_items`` largest of all targets together, the `EACH` largest of each target among them.

    Parameters
    ----------
    rows  : the weights of targets start … stop - 1, float32 (stop - start, n_items), finite; written over
    least : > 0; what is smaller is nothing
    """
    if not pooled:
        table = keep_largest(rows, n_items, neighbors, least=least)
        return Tables(neighbors=table, weights=transpose(table))
    best = _Best(n_items, neighbors)
    largest = LargestEntries(n_items, **_held(n_items, neighbors), least=least)
    for start, stop in _blocks(n_items):
        block = rows(start, stop)
        columns, values = _largest(block, start, best.count, least)
        best.add(columns, values)
        largest.add(block, start, columns[:, :EACH])
    weights = largest.rows()
    del largest
    return Tables(neighbors=best.rows(), weights=transpose(weights))


def tables_bytes(n_items: int, neighbors: int, *, pooled: bool = False) -> int:
    """What `tables_of` takes beside what the rows are made of."""
    held = _held(n_items, neighbors)
    needed = 2 * _ENTRY * held["wanted"] + _CELL * held["block"]
    return needed + held_bytes(**held) if pooled else needed


def _held(n_items: int, neighbors: int) -> dict[str, int]:
    wanted = n_items * max(min(neighbors, n_items), 1)
    return {"wanted": wanted, "block": block_rows(n_items) * n_items}


def _blocks(n_rows: int) -> Iterator[tuple[int, int]]:
    size = block_rows(n_rows)
    return ((start, min(start + size, n_rows)) for start in range(0, n_rows, size))


class _Best:
    """The best of each row, appended to arrays of the final size."""

    def __init__(self, n_rows: int, count: int) -> None:
        self.count = min(count, n_rows)
        self._sizes = [np.zeros(1, dtype=np.int64)]
        self._indices = np.empty(n_rows * self.count, dtype=np.int32)
        self._values = np.empty(n_rows * self.count, dtype=np.float32)
        self._end = 0

    def add(self, columns: NDArray[np.int32], values: NDArray[np.float32]) -> None:
        """Columns and values of some rows, (m, count); column -1 where there is nothing."""
        kept = columns >= 0
        self._sizes.append(kept.sum(axis=1))
        begin, self._end = self._end, self._end + int(kept.sum())
        self._indices[begin : self._end] = columns[kept]
        self._values[begin : self._end] = values[kept]

    def rows(self) -> SparseRows:
        indptr = np.cumsum(np.concatenate(self._sizes))
        return SparseRows(indptr, self._indices[: self._end], self._values[: self._end])


def _largest(
    block: NDArray[np.float32], start: int, count: int, least: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Columns and values, (rows, count); column -1 where there is nothing."""
    own = np.arange(len(block))
    block[own, start + own] = -np.inf
    return select_best(block, count, least=least)
