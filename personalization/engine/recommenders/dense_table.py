"""Tables from dense rows: each row keeps its largest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.recommenders.row_writer import RowWriter
from personalization.engine.recommenders.selection import select_best

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from personalization.engine.tables import SparseRows

#: Rows that are asked for at once, and entries of them: 16 MB.
_BLOCK: Final = 256
_AT_ONCE: Final = 1 << 22


def keep_largest(
    rows: Callable[[int, int], NDArray[np.float32]], n_rows: int, count: int, *, signed: bool = False
) -> SparseRows:
    """The ``count`` largest entries of each row that are > 0, ties by the lower column; never the diagonal.

    Parameters
    ----------
    rows   : rows start … stop - 1, float32 (stop - start, n_rows), finite; they are overwritten
    signed : keep what is < 0, too
    """
    count = min(count, n_rows)
    table = RowWriter(n_rows, n_rows * count)
    size = max(1, min(_BLOCK, _AT_ONCE // max(n_rows, 1)))
    for start in range(0, n_rows, size):
        table.append(*_largest(rows(start, min(start + size, n_rows)), start, count, signed=signed))
    return table.rows()


def _largest(
    block: NDArray[np.float32], start: int, count: int, *, signed: bool
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(entries of each row, their columns, their values)."""
    if signed:
        block[block == 0] = -np.inf
    own = np.arange(len(block))
    block[own, start + own] = -np.inf
    columns, values = select_best(block, count, above=-np.inf if signed else 0)
    kept = columns >= 0
    return kept.sum(axis=1), columns[kept], values[kept]
