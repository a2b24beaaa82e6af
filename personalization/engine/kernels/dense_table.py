"""Tables from dense rows: each row keeps its largest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.kernels.item_tables import transpose
from personalization.engine.kernels.largest_entries import EACH, LargestEntries, held_bytes
from personalization.engine.kernels.row_writer import RowWriter
from personalization.engine.kernels.selection import select_best
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    from personalization.engine.tables import SparseRows

    #: Rows start … stop - 1, float32 (stop - start, n_rows), finite; they are overwritten.
    Rows: TypeAlias = Callable[[int, int], NDArray[np.float32]]

#: Rows that are asked for at once, and how many entries they may have together.
_BLOCK: Final = 256
_AT_ONCE: Final = 1 << 21
#: An entry of a table, and one of the rows being made, with its copies, in bytes.
_ENTRY, _CELL = 8, 24


def keep_largest(
    rows: Rows, n_rows: int, count: int, *, above: float = 0.0, signed: bool = False
) -> SparseRows:
    """The ``count`` largest entries of each row that are > 0, ties by the lower column; never the diagonal.

    Parameters
    ----------
    rows   : see `Rows`
    above  : what is not larger is nothing
    signed : keep what is < 0, too
    """
    count = min(count, n_rows)
    table = RowWriter(n_rows, n_rows * count)
    for start, stop in _blocks(n_rows):
        block = rows(start, stop)
        if signed:
            block[block == 0] = -np.inf
        _append(table, *_largest(block, start, count, -np.inf if signed else above))
    return table.rows()


def tables_of(rows: Rows, n_items: int, neighbors: int, *, above: float, pooled: bool = False) -> Tables:
    """Both tables of dense weights, target by target.

    Each target has its ``neighbors`` largest sources as neighbors, and as weights unless they are pooled: then these are
    the ``neighbors · n_items`` largest of all targets together, the `EACH` largest of each target among them.

    Parameters
    ----------
    rows  : see `Rows`
    above : ≥ 0; what is not larger is nothing
    """
    if not pooled:
        table = keep_largest(rows, n_items, neighbors, above=above)
        return Tables(neighbors=table, weights=transpose(table))
    count = min(neighbors, n_items)
    nearest = RowWriter(n_items, n_items * count)
    largest = LargestEntries(n_items, **_held(n_items, neighbors), above=above)
    for start, stop in _blocks(n_items):
        block = rows(start, stop)
        columns, values = _largest(block, start, count, above)
        _append(nearest, columns, values)
        largest.add(block, start, columns[:, :EACH])
    weights = largest.rows()
    del largest
    return Tables(neighbors=nearest.rows(), weights=transpose(weights))


def tables_bytes(n_items: int, neighbors: int, *, pooled: bool = False) -> int:
    """What `tables_of` takes beside what the rows are made of."""
    held = _held(n_items, neighbors)
    needed = 2 * _ENTRY * held["wanted"] + _CELL * held["block"]
    return needed + held_bytes(**held) if pooled else needed


def _held(n_items: int, neighbors: int) -> dict[str, int]:
    wanted = n_items * max(min(neighbors, n_items), 1)
    return {"wanted": wanted, "block": _size(n_items) * n_items}


def _size(n_columns: int) -> int:
    return max(1, min(_BLOCK, _AT_ONCE // max(n_columns, 1)))


def _blocks(n_rows: int) -> Iterator[tuple[int, int]]:
    size = _size(n_rows)
    return ((start, min(start + size, n_rows)) for start in range(0, n_rows, size))


def _append(table: RowWriter, columns: NDArray[np.int32], values: NDArray[np.float32]) -> None:
    kept = columns >= 0
    table.append(kept.sum(axis=1), columns[kept], values[kept])


def _largest(
    block: NDArray[np.float32], start: int, count: int, above: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Columns and values, (rows, count); column -1 where there is nothing."""
    own = np.arange(len(block))
    block[own, start + own] = -np.inf
    return select_best(block, count, above=above)
