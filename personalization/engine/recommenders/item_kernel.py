"""The item-item kernel: likeness of all pairs of columns, a few rows at a time, under a memory budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.compiled import compiled_for
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    Rescale: TypeAlias = Callable[
        [NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]], NDArray[np.float64]
    ]
    #: The first of some rows, and the one after the last.
    Part: TypeAlias = tuple[int, int]

#: A sparse float64 entry with an int64 index, the wider of what scipy may choose.
_ENTRY: Final = 16
#: The same with its row, and what computing with it takes.
_RESCALED_ENTRY: Final = 96
#: A stored table entry: int32 column, float32 value.
_TABLE_ENTRY: Final = 8
#: A packed row: 12 bytes of header, then an int32 column and a float16 value each.
_PACKED_HEADER: Final = 12
_PACKED_ENTRY: Final = 6
_MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What two items are compared by: ``rescale(Σ_u targets_ut · sources_us)``.

    targets, sources : float64 CSR (n_visitors, n_items), entries ≥ 0; at the same places unless there is ``rescale``
    rescale          : what an entry becomes: (target rows, source rows, products) → float64 of the same length;
                       None: it stays
    scales           : float64 (n_items,) where both matrices hold ones only and there is no ``rescale``: an entry
                       becomes ``Σ_u 1 · (scale_t scale_s)``, so that counts stay whole until they are scaled once
    min_together     : so many visitors must have both t and s; with fewer the two are not alike
    """

    targets: csr_array[np.float64]
    sources: csr_array[np.float64]
    rescale: Rescale | None = None
    scales: NDArray[np.float64] | None = None
    min_together: int = 1

    @property
    def plain(self) -> bool:
        """Whether sums of products are all that it takes."""
        return self.rescale is None and self.min_together == 1

    @property
    def fixed_bytes(self) -> int:
        """What the matrices and their copies take."""
        return 2 * _ENTRY * (self.targets.nnz + self.sources.nnz) + 8 * sum(self.sources.shape)

    def of(
        self, targets: NDArray[np.int64], sources: NDArray[np.int32], products: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Likeness of pairs of rows by the sums of their products; float64 of their length."""
        if self.scales is not None:
            return products * (self.scales[targets] * self.scales[sources])
        return products if self.rescale is None else self.rescale(targets, sources, products)


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

    ``sim(t, s) = Σ_u x_ut x_us / (|x_t| |x_s|)``, s ≠ t, sim > 0; truncated as in `top_compared`. (Sarwar et al.,
    Item-based collaborative filtering recommendation algorithms, WWW 2001.)

    Parameters
    ----------
    matrix    : float64 CSR (n_visitors, n_items), entries ≥ 0
    neighbors : K ≥ 1
    budget    : bytes that the matrix, its copies, the current block and both tables may take together

    Raises
    ------
    InvalidInputError naming ``memory_budget_mb`` when the budget does not hold the tables and one row.
    """
    return top_compared(cosine_of(matrix), neighbors=neighbors, budget=budget)


def cosine_of(matrix: csr_array[np.float64], lengths: NDArray[np.float64] | None = None) -> Comparison:
    """Cosine of the columns; ``lengths``: float64 (n_items,), where it is not the length of the matrix's own columns."""
    norms = _not_zero(column_lengths(matrix) if lengths is None else lengths)
    if (matrix.data == 1).all():
        return Comparison(matrix, matrix, scales=1 / norms)
    unit = unit_columns(matrix, norms)
    return Comparison(unit, unit)


def top_products(
    targets: csr_array[np.float64],
    sources: csr_array[np.float64],
    *,
    neighbors: int,
    budget: int,
    rescale: Rescale | None = None,
    part: Part | None = None,
    min_together: int = 1,
) -> SparseRows:
    """`top_compared` of ``Comparison(targets, sources, rescale, min_together=min_together)``."""
    comparison = Comparison(targets, sources, rescale, min_together=min_together)
    return top_compared(comparison, neighbors=neighbors, budget=budget, part=part)


def top_compared(
    comparison: Comparison,
    *,
    neighbors: int,
    budget: int,
    part: Part | None = None,
    only: NDArray[np.int64] | None = None,
) -> SparseRows:
    """For every target item t, the source items s of largest likeness.

    s ≠ t, only what is > 0; each target keeps its ``neighbors`` largest sources, ties by the lower source row.
    (Truncation by target as in Deshpande and Karypis, Item-based top-N recommendation algorithms, TOIS 2004.)

    Parameters
    ----------
    neighbors : K ≥ 1
    budget    : bytes that the matrices, the current block and both tables may take together
    part      : (first, last + 1) of the targets, to the last bit the same rows as of all; None: all
    only      : int64 (m,) targets, ascending; row i of the answer is that of ``only[i]``. None: all

    Raises
    ------
    InvalidInputError naming ``memory_budget_mb`` when the budget does not hold the tables and one row.
    """
    targets, sources = comparison.targets, comparison.sources
    candidates = candidates_of(targets, sources)
    fast = compiled_for(targets, sources) if comparison.plain and only is None and sources.nnz else None
    first, end = part or (0, len(candidates))
    if fast is not None:
        candidates[:first] = candidates[end:] = 0
        rows = _compiled(fast, comparison, candidates, neighbors=neighbors, budget=budget)
        return SparseRows(rows.indptr[first : end + 1], rows.indices, rows.values)
    by_item = csr_array(targets.T.tocsr())
    if only is not None:
        by_item, candidates = by_item[only], candidates[only]

    def block(start: int, stop: int) -> csr_array[np.float64]:
        products = csr_array(by_item[start:stop] @ sources)
        if comparison.min_together > 1:
            products = _shared(products, by_item[start:stop], sources, comparison.min_together)
        if comparison.rescale is not None:
            rows = np.arange(start, stop) if only is None else only[start:stop]
            rows = np.repeat(rows, np.diff(products.indptr))
            products.data = comparison.rescale(rows, products.indices, products.data)
        return products

    entry = _ENTRY if comparison.plain else _RESCALED_ENTRY
    return top_rows(
        block,
        candidates,
        neighbors=neighbors,
        budget=budget,
        fixed=comparison.fixed_bytes,
        entry=entry,
        part=None if only is not None else part,
        scales=comparison.scales,
        names=only,
    )


def _shared(
    products: csr_array[np.float64],
    targets: csr_array[np.float64],
    sources: csr_array[np.float64],
    min_together: int,
) -> csr_array[np.float64]:
    """Only the products of what so many visitors have both."""
    ones = [
        csr_array((np.ones(one.nnz), one.indices, one.indptr), shape=one.shape) for one in (targets, sources)
    ]
    together = csr_array(ones[0] @ ones[1])
    together.data = (together.data >= min_together).astype(np.float64)
    together.eliminate_zeros()
    return csr_array(products.multiply(together))


def _compiled(
    fast: Any, comparison: Comparison, candidates: NDArray[np.int64], *, neighbors: int, budget: int
) -> SparseRows:
    """The same by the compiled kernel, whose rows of all threads must fit beside the tables."""
    widths = np.minimum(candidates, neighbors)
    taken = comparison.fixed_bytes + 2 * _TABLE_ENTRY * int(widths.sum())
    _block_budget(candidates, fixed=taken + fast.bytes_of(len(candidates), neighbors), entry=0, budget=budget)
    how: dict[str, Any] = {"neighbors": neighbors, "widths": widths}
    rows: SparseRows
    if comparison.scales is None:
        rows = fast.top_products(comparison.targets, comparison.sources, **how)
    else:
        rows = fast.top_counts(comparison.sources, comparison.scales, **how)
    return rows


def top_rows(
    block: Callable[[int, int], csr_array[np.float64]],
    candidates: NDArray[np.int64],
    *,
    neighbors: int,
    budget: int,
    fixed: int,
    entry: int,
    part: Part | None = None,
    scales: NDArray[np.float64] | None = None,
    names: NDArray[np.int64] | None = None,
) -> SparseRows:
    """For every target row, its ``neighbors`` largest columns, asked for a few rows at a time.

    Parameters
    ----------
    block      : rows start … stop - 1 of the similarities, float64 CSR (stop - start, n); what is not > 0 and the
                 diagonal are left out
    candidates : int64 (n,) upper bound of the entries of each row
    budget     : bytes for everything; ``fixed`` of them are taken already, each entry of a block takes ``entry``
    part       : (first, last + 1) of the rows that are wanted; None: all
    scales     : float64, one for each column: the entry of row t and column s counts times ``scales[t] · scales[s]``
    names      : int64 (n,) which column each row is; None: row t is column t

    Raises
    ------
    InvalidInputError naming ``memory_budget_mb`` when the budget does not hold the tables and one row.
    """
    first, end = part or (0, len(candidates))
    wanted = candidates[first:end]
    width = int(np.minimum(wanted, neighbors).sum())
    limit = _block_budget(wanted, fixed=fixed + 2 * _TABLE_ENTRY * width, entry=entry, budget=budget)
    table = _Table(len(wanted), width)
    for start, stop in ((first + start, first + stop) for start, stop in chunks(wanted, limit // entry)):
        rows = block(start, stop)
        for place in range(start, stop):
            target = place if names is None else int(names[place])
            own = slice(rows.indptr[place - start], rows.indptr[place - start + 1])
            columns, values = rows.indices[own], rows.data[own]
            if scales is not None:
                values = values * (scales[target] * scales[columns])
            table.append(*_largest(columns, values, target, neighbors))
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


def unit_columns(
    matrix: csr_array[np.float64], lengths: NDArray[np.float64] | None = None
) -> csr_array[np.float64]:
    """Each column divided by its length, or by a given one: float64 (n_items,)."""
    norms = _not_zero(column_lengths(matrix) if lengths is None else lengths)
    return csr_array((matrix.data / norms[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)


def _not_zero(norms: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for an item nobody touched, or one whose decay underflowed."""
    return np.where(norms == 0, 1.0, norms)


def column_lengths(matrix: csr_array[np.float64]) -> NDArray[np.float64]:
    """The Euclidean norm of each column: float64 (n_items,)."""
    return np.sqrt(np.bincount(matrix.indices, matrix.data**2, minlength=matrix.shape[1]))


def candidates_of(targets: csr_array[np.float64], sources: csr_array[np.float64]) -> NDArray[np.int64]:
    """Upper bound of the sources of each target: ``min(n_items, Σ_{u has t} n_u)``, int64 (n_items,)."""
    sizes = np.repeat(np.diff(sources.indptr), np.diff(targets.indptr))
    reached = np.bincount(targets.indices, sizes, minlength=targets.shape[1])
    return np.minimum(reached, targets.shape[1]).astype(np.int64)


def _block_budget(candidates: NDArray[np.int64], *, fixed: int, entry: int, budget: int) -> int:
    needed = fixed + entry * int(candidates.max(initial=0))
    if needed > budget:
        megabytes = -(-needed // _MEGABYTE)
        raise InvalidInputError("memory_budget_mb", f"these interactions need at least {megabytes} MB")
    return budget - fixed


def chunks(candidates: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
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
