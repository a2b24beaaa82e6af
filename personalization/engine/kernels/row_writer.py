"""Tables that are written row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowWriter:
    """Rows are appended to arrays of the most that there can be, so that nothing is held twice.

    What of them is never written takes no memory, and is given back without a copy.
    """

    def __init__(self, n_rows: int, capacity: int) -> None:
        self._indptr = np.zeros(n_rows + 1, dtype=np.int64)
        self._columns = np.empty(capacity, dtype=np.int32)
        self._values = np.empty(capacity, dtype=np.float32)
        self._filled = 0

    def append(
        self, sizes: NDArray[np.int64], columns: NDArray[np.int32], values: NDArray[np.float32]
    ) -> None:
        """The next rows: how many entries each has, and the entries."""
        start = int(self._indptr[self._filled])
        self._columns[start : start + len(columns)] = columns
        self._values[start : start + len(columns)] = values
        stop = self._filled + len(sizes)
        self._indptr[self._filled + 1 : stop + 1] = start + np.cumsum(sizes)
        self._filled = stop

    def rows(self) -> SparseRows:
        end = self._indptr[-1]
        self._columns.resize(end, refcheck=False)
        self._values.resize(end, refcheck=False)
        return SparseRows(self._indptr, self._columns, self._values)
