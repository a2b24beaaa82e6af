"""The largest entries of a whole table, of which only some rows are there at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: So many sources each target keeps where all are cut at one value, so that every item can be reached.
EACH: Final = 20
#: How many times the wanted entries are held before the smallest of them are given up.
_ROOM: Final = 1.25
#: An int32 column, a float32 value, a mark, and what a selection takes: bytes for each entry that is held.
_HELD: Final = 24


class LargestEntries:
    """Keeps the ``wanted`` largest entries of blocks of rows that come one after the other, and some of every row.

    Where scores of rows are compared, as those of the targets of a visitor are, an entry counts by its size and not by
    its place in its row: a table cut at one value needs far fewer entries than one in which every row keeps as many.

    n_rows : of all blocks together
    wanted : entries in all, > 0; of equals those that came first
    block  : the most entries that one block may bring
    above  : ≥ 0; what is not larger is left out
    """

    def __init__(self, n_rows: int, *, wanted: int, block: int, above: float) -> None:
        room = _room(wanted, block)
        self._wanted = wanted
        self._columns = np.empty(room, dtype=np.int32)
        self._values = np.empty(room, dtype=np.float32)
        self._own = np.empty(room, dtype=np.bool_)
        self._sizes = np.zeros(n_rows, dtype=np.int64)
        self._end = 0
        self._least = np.nextafter(np.float32(above), np.float32(1))

    def add(self, block: NDArray[np.float32], start: int, own: NDArray[np.int32]) -> None:
        """Rows start … start + len(block) - 1.

        block : float32 (m, n_columns)
        own   : int32 (m, k), columns that their row keeps whatever comes, -1 for none; k · n_rows ≤ wanted
        """
        rows, places = np.nonzero(own >= 0)
        marked = np.zeros(block.size, dtype=np.bool_)
        marked[rows * block.shape[1] + own[rows, places]] = True
        found = np.flatnonzero((block >= self._least).ravel() | marked)
        if self._end + len(found) > len(self._values):
            self._shrink()
        begin, self._end = self._end, self._end + len(found)
        part = slice(begin, self._end)
        in_row, self._columns[part] = np.divmod(found, block.shape[1])
        self._values[part], self._own[part] = block.ravel()[found], marked[found]
        self._sizes[start : start + len(block)] = np.bincount(in_row, minlength=len(block))

    def rows(self) -> SparseRows:
        """What is left, by row; within a row by column."""
        self._shrink()
        indptr = np.concatenate(([0], np.cumsum(self._sizes)))
        return SparseRows(indptr, self._columns[: self._end].copy(), self._values[: self._end].copy())

    def _shrink(self) -> None:
        if self._end <= self._wanted:
            return
        kept, self._least = _largest(self._values[: self._end], self._own[: self._end], self._wanted)
        upto = np.concatenate(([0], np.cumsum(kept)))
        self._sizes = np.diff(upto[np.cumsum(self._sizes)], prepend=0)
        for held in (self._columns, self._values, self._own):
            held[: upto[-1]] = held[: self._end][kept]
        self._end = int(upto[-1])


def pooled(table: SparseRows, count: int) -> SparseRows:
    """Of a table whose rows are in order the ``count`` largest entries for each row on average, `EACH` of every row."""
    wanted = count * len(table)
    if len(table.values) <= wanted:
        return table
    return _of(table, _largest(table.values, _first(table, min(EACH, count)), wanted)[0])


def first_of(table: SparseRows, count: int) -> SparseRows:
    """The first ``count`` entries of each row."""
    return _of(table, _first(table, count))


def _first(table: SparseRows, count: int) -> NDArray[np.bool_]:
    """Whether each entry is among the first of its row; a byte for each, and no more."""
    first = np.zeros(len(table.values), dtype=np.bool_)
    sizes = np.diff(table.indptr)
    for place in range(min(count, int(sizes.max(initial=0)))):
        first[table.indptr[:-1][sizes > place] + place] = True
    return first


def _of(table: SparseRows, kept: NDArray[np.bool_]) -> SparseRows:
    filled = np.diff(table.indptr) > 0
    sizes = np.zeros(len(table) + 1, dtype=np.int64)
    if filled.any():
        sizes[1:][filled] = np.add.reduceat(kept, table.indptr[:-1][filled], dtype=np.int64)
    return SparseRows(np.cumsum(sizes), table.indices[kept], table.values[kept])


def _largest(
    values: NDArray[np.float32], own: NDArray[np.bool_], wanted: int
) -> tuple[NDArray[np.bool_], np.float32]:
    """Which of more than ``wanted`` values are kept: the own ones, then the largest; and how small these may be."""
    kept = own.copy()
    count = wanted - int(own.sum())
    others = values[~own]
    least = np.partition(others, -count)[-count] if count else np.float32(np.inf)
    kept |= values > least
    equal = np.flatnonzero((values == least) & ~own)
    kept[equal[: wanted - int(kept.sum())]] = True
    return kept, least


def held_bytes(wanted: int, block: int) -> int:
    """What it takes to keep so many entries of blocks of that size."""
    return _HELD * _room(wanted, block)


def _room(wanted: int, block: int) -> int:
    return max(int(wanted * _ROOM), wanted + block)
