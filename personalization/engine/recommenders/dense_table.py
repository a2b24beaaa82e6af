"""Tables from dense rows: each row keeps its largest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.recommenders.selection import select_best
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Rows that are asked for at once.
_BLOCK: Final = 256


def keep_largest(
    rows: Callable[[int, int], NDArray[np.float32]], n_rows: int, count: int, *, signed: bool = False
) -> SparseRows:
    """The ``count`` largest entries of each row that are > 0, ties by the lower column; never the diagonal.

    Parameters
    ----------
    rows   : rows start … stop - 1, float32 (stop - start, n_rows), finite
    signed : keep what is < 0, too
    """
    parts = [
        _largest(rows(start, min(start + _BLOCK, n_rows)), start, min(count, n_rows), signed=signed)
        for start in range(0, n_rows, _BLOCK)
    ]
    indptr = np.zeros(n_rows + 1, dtype=np.int64)
    if not parts:
        return SparseRows(indptr, np.empty(0, np.int32), np.empty(0, np.float32))
    np.cumsum(np.concatenate([sizes for sizes, _, _ in parts]), out=indptr[1:])
    return SparseRows(
        indptr,
        np.concatenate([columns for _, columns, _ in parts]),
        np.concatenate([values for _, _, values in parts]),
    )


def _largest(
    block: NDArray[np.float32], start: int, count: int, *, signed: bool
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(entries of each row, their columns, their values)."""
    wanted = block != 0 if signed else block > 0
    scores = np.where(wanted, block, -np.inf).astype(np.float32, copy=False)
    own = np.arange(len(block))
    scores[own, start + own] = -np.inf
    columns, values = select_best(scores, count)
    kept = columns >= 0
    return kept.sum(axis=1), columns[kept], values[kept]
