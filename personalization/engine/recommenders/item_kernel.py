"""The item-item kernel: cosine of all pairs of columns, a few rows at a time, under a memory budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: A sparse float64 entry with an int64 index, the wider of what scipy may choose.
_ENTRY: Final = 16
#: A stored table entry: int32 column, float32 value.
_TABLE_ENTRY: Final = 8
#: A packed row: 12 bytes of header, then an int32 column and a float16 value each.
_PACKED_HEADER: Final = 12
_PACKED_ENTRY: Final = 6
_MEGABYTE: Final = 1 << 20


def table_bytes(n_items: int, neighbors: int) -> int:
    """Upper bound of the bytes of both item tables in memory: ``2 · (8 n · min(K, n - 1) + 8 (n + 1))``."""
    return 2 * (_TABLE_ENTRY * n_items * _width(n_items, neighbors) + 8 * (n_items + 1))


def packed_bytes(n_items: int, neighbors: int) -> int:
    """Upper bound of the bytes of both item tables when packed: ``2 · n · (12 + 6 · min(K, n - 1))``."""
    return 2 * n_items * (_PACKED_HEADER + _PACKED_ENTRY * _width(n_items, neighbors))


def _width(n_items: int, neighbors: int) -> int:
    return min(neighbors, max(n_items - 1, 0))


def top_sources(matrix: csr_array[np.float64], *, neighbors: int, budget: int) -> SparseRows:
    """For every target item, the source items of largest cosine.

    ``sim(t, s) = Σ_u x_ut x_us / (|x_t| |x_s|)``, s ≠ t, sim > 0; each target keeps its ``neighbors`` largest
    sources, ties by the lower source row. (Sarwar et al., Item-based collaborative filtering recommendation
    algorithms, WWW 2001; truncation by target as in Deshpande and Karypis, TOIS 2004.)

    Parameters
    ----------
    matrix    : float64 CSR (n_visitors, n_items), entries ≥ 0
    neighbors : K ≥ 1
    budget    : bytes that the matrix, its copies, the current block and both tables may take together

    Raises
    ------
    InvalidInputError naming ``memory_budget_mb`` when the budget does not hold the tables and one row.
    """
    unit = _unit_columns(matrix)
    by_item = csr_array(unit.T.tocsr())
    candidates = _candidates(unit)
    width = np.minimum(candidates, neighbors)
    block_budget = _block_budget(matrix, candidates, int(width.sum()), budget)
    table = _Table(len(candidates), int(width.sum()))
    for start, stop in _chunks(candidates, block_budget // _ENTRY):
        block = csr_array(by_item[start:stop] @ unit)
        for target in range(start, stop):
            part = slice(block.indptr[target - start], block.indptr[target - start + 1])
            table.append(*_largest(block.indices[part], block.data[part], target, neighbors))
    return table.rows()


def transpose(table: SparseRows) -> SparseRows:
    """The same entries stored by column: row s lists its targets, largest value first, ties by the lower row."""
    n = len(table)
    turned = csr_array((table.values, table.indices, table.indptr), shape=(n, n)).tocsc()
    indptr = turned.indptr.astype(np.int64)
    indices, values = turned.indices.astype(np.int32, copy=False), turned.data
    for start, stop in zip(indptr[:-1].tolist(), indptr[1:].tolist(), strict=True):
        order = start + np.argsort(-values[start:stop], kind="stable")
        indices[start:stop], values[start:stop] = indices[order], values[order]
    return SparseRows(indptr, indices, values)


class _Table:
    """Rows are appended to arrays of the final size, so that nothing is held twice."""

    def __init__(self, n_rows: int, capacity: int) -> None:
        self.indptr = np.zeros(n_rows + 1, dtype=np.int64)
        self.indices = np.empty(capacity, dtype=np.int32)
        self.values = np.empty(capacity, dtype=np.float32)
        self.filled = 0
        self.end = 0

    def append(self, columns: NDArray[np.int32], values: NDArray[np.float32]) -> None:
        start, self.end = self.end, self.end + len(columns)
        self.indices[start : self.end] = columns
        self.values[start : self.end] = values
        self.filled += 1
        self.indptr[self.filled] = self.end

    def rows(self) -> SparseRows:
        return SparseRows(self.indptr, self.indices[: self.end], self.values[: self.end])


def _unit_columns(matrix: csr_array[np.float64]) -> csr_array[np.float64]:
    norms = np.sqrt(np.bincount(matrix.indices, matrix.data**2, minlength=matrix.shape[1]))
    norms[norms == 0] = 1.0  # an item nobody touched, or one whose decay underflowed
    return csr_array((matrix.data / norms[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)


def _candidates(matrix: csr_array[np.float64]) -> NDArray[np.int64]:
    """Upper bound of the sources of each target: ``min(n_items, Σ_{u has t} n_u)``, int64 (n_items,)."""
    sizes = np.diff(matrix.indptr)
    reached = np.bincount(matrix.indices, np.repeat(sizes, sizes), minlength=matrix.shape[1])
    return np.minimum(reached, matrix.shape[1]).astype(np.int64)


def _block_budget(
    matrix: csr_array[np.float64], candidates: NDArray[np.int64], entries: int, budget: int
) -> int:
    fixed = 4 * _ENTRY * matrix.nnz + 2 * _TABLE_ENTRY * entries + 8 * sum(matrix.shape)
    needed = fixed + _ENTRY * int(candidates.max(initial=0))
    if needed > budget:
        megabytes = -(-needed // _MEGABYTE)
        raise InvalidInputError("memory_budget_mb", f"these interactions need at least {megabytes} MB")
    return budget - fixed


def _chunks(candidates: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of targets whose candidates together stay within the limit."""
    totals = np.concatenate(([0], np.cumsum(candidates)))
    start = 0
    while start < len(candidates):
        stop = int(np.searchsorted(totals, totals[start] + limit, side="right")) - 1
        yield start, stop
        start = stop


def _largest(
    columns: NDArray[np.int32], values: NDArray[np.float64], target: int, count: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    # Rounded before ranking, so that sums which differ only in their last bits are the ties they ought to be.
    rounded = values.astype(np.float32)
    rounded[columns == target] = 0.0
    floor = np.partition(rounded, -count)[-count] if len(rounded) > count else 0.0
    kept = np.flatnonzero((rounded >= floor) & (rounded > 0))
    order = kept[np.lexsort((columns[kept], -rounded[kept]))[:count]]
    return columns[order], rounded[order]
