"""What the items of a history say about other items, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.tables import SparseRows


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Entry j: history item ``sources[j]`` (a place in the history) adds ``values[j]`` to item ``columns[j]``.

    columns : int32 (m,)  item rows; one source names a column at most once
    values  : float32 (m,)
    sources : intp (m,)  0 ≤ s < length of the history
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    sources: NDArray[np.intp]

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]]) -> Contributions:
        """From (columns, values) of each history item, in the order of the history."""
        if not rows:
            return cls(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.intp))
        sources = np.repeat(np.arange(len(rows)), [len(columns) for columns, _ in rows])
        columns, values = zip(*rows, strict=True)
        return cls(np.concatenate(columns), np.concatenate(values), sources)


def gather(table: SparseRows, rows: NDArray[np.integer]) -> Contributions:
    """The entries of some rows of a table, all at once.

    rows : int (h,) item rows of the history; each names one row of ``table``
    """
    starts = table.indptr[rows]
    counts = table.indptr[rows + 1] - starts
    sources = np.repeat(np.arange(len(rows)), counts)
    before = np.cumsum(counts) - counts
    entries = np.arange(len(sources)) + (starts - before)[sources]
    return Contributions(table.indices[entries], table.values[entries], sources)
