"""The item-item kernel: likeness of all pairs of columns, a few rows at a time, under a memory budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.blocks import made_ahead, row_blocks
from personalization.engine.recommenders.compiled import compiled_for
from personalization.engine.recommenders.row_writer import RowWriter
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    Rescale: TypeAlias = Callable[
        [NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]], NDArray[np.float64]
    ]
    #: The first of some rows, and the one after the last.
    Part: TypeAlias = tuple[int, int]

#: A sparse float64 entry with an int64 index, the wider of what scipy may choose.
_ENTRY: Final = 16
#: The same where it is counted, too, who has both.
_COUNTED_ENTRY: Final = 72
#: Entries whose likeness is worked out and ordered at once, and what each of them takes meanwhile.
_ORDERED: Final = 1 << 16
_ORDERED_ENTRY: Final = 64
_RESCALED_ENTRY: Final = 256
_LOW: Final = 0x7FFFFFFF  #: 31 bits: a column, turned around, behind the 32 bits of its value
#: Entries of the blocks that are made while others are ordered.
_AHEAD: Final = 1 << 21
#: Entries that are added up at once.
_SUMMED: Final = 1 << 20
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
    def held_bytes(self) -> int:
        """What the matrices take, and the values that they were made from."""
        matrices = (self.targets, self.sources)
        arrays = {
            id(array): array.nbytes for one in matrices for array in (one.indptr, one.indices, one.data)
        }
        made_from = 0 if self.scales is not None else 8 * self.targets.nnz
        return sum(arrays.values()) + made_from + 64 * self.sources.shape[1]

    @property
    def fixed_bytes(self) -> int:
        """The same with the targets by item, and with ones where those who have both are counted."""
        counted = 0 if self.min_together == 1 else 2 * 8 * self.sources.nnz
        return self.held_bytes + _ENTRY * self.targets.nnz + counted

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
    ones = _ones(sources) if comparison.min_together > 1 else None

    def block(start: int, stop: int) -> csr_array[np.float64]:
        products = csr_array(by_item[start:stop] @ sources)
        if ones is not None:
            together = csr_array(_ones(by_item[start:stop]) @ ones)
            together.data = (together.data >= comparison.min_together).astype(np.float64)
            together.eliminate_zeros()
            products = csr_array(products.multiply(together))
        return products

    return top_rows(
        block,
        candidates,
        comparison.of,
        neighbors=neighbors,
        budget=budget,
        fixed=comparison.fixed_bytes,
        entry=_ENTRY if comparison.min_together == 1 else _COUNTED_ENTRY,
        ordered=_ORDERED_ENTRY if comparison.rescale is None else _RESCALED_ENTRY,
        part=None if only is not None else part,
        names=only,
    )


def _ones(matrix: csr_array[np.float64]) -> csr_array[np.float64]:
    """1 where there is an entry."""
    return csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)


def _compiled(
    fast: Any, comparison: Comparison, candidates: NDArray[np.int64], *, neighbors: int, budget: int
) -> SparseRows:
    """The same by the compiled kernel, whose rows of all threads must fit beside the tables."""
    widths = np.minimum(candidates, neighbors)
    sources, counts = comparison.sources, comparison.scales is not None
    working = fast.bytes_of(sources.shape, sources.nnz, neighbors, counts=counts)
    taken = comparison.held_bytes + working + 2 * _TABLE_ENTRY * int(widths.sum())
    _block_budget(candidates, fixed=taken, entry=0, budget=budget)
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
    likeness: Rescale | None = None,
    *,
    neighbors: int,
    budget: int,
    fixed: int,
    entry: int,
    ordered: int = _ORDERED_ENTRY,
    part: Part | None = None,
    names: NDArray[np.int64] | None = None,
) -> SparseRows:
    """For every target row, its ``neighbors`` largest columns, asked for a few rows at a time: the next ones are made
    by another thread meanwhile, where the budget holds both.

    Parameters
    ----------
    block      : rows start … stop - 1 of the similarities, float64 CSR (stop - start, n); what is not > 0 and the
                 diagonal are left out
    candidates : int64 (n,) upper bound of the entries of each row
    likeness   : what an entry becomes before it is compared: (rows, columns, entries) → float64; None: it stays
    budget     : bytes for everything; ``fixed`` of them are taken already, each entry of a block takes ``entry``, and
                 those whose likeness is worked out at once ``ordered`` more
    part       : (first, last + 1) of the rows that are wanted; None: all
    names      : int64 (n,) which column each row is; None: row t is column t

    Raises
    ------
    InvalidInputError naming ``memory_budget_mb`` when the budget does not hold the tables and one row.
    """
    first, end = part or (0, len(candidates))
    wanted = candidates[first:end]
    width = int(np.minimum(wanted, neighbors).sum())
    limit = _block_budget(
        wanted, fixed=fixed + 2 * _TABLE_ENTRY * width, entry=entry + ordered, budget=budget
    )
    at_once = min(limit // (entry + ordered), max(_ORDERED, int(wanted.max(initial=1))))
    table = RowWriter(len(wanted), width)
    most, largest = (limit - at_once * ordered) // entry, int(wanted.max(initial=1))
    ahead = most >= 2 * largest
    blocks = row_blocks(_totals(wanted), min(most // 2, max(_AHEAD, largest)) if ahead else most)
    parts = ((first + start, first + stop) for start, stop in blocks)
    for (start, stop), rows in made_ahead(block, parts, ahead=ahead):
        places = np.arange(start, stop)
        targets = places if names is None else names[places]
        for low, high in row_blocks(rows.indptr, at_once):
            table.append(*_largest(rows, targets, (low, high), likeness, neighbors))
    return table.rows()


def transpose(table: SparseRows) -> SparseRows:
    """The same entries stored by column: row s lists its targets, largest value first, ties by the lower row."""
    n = len(table)
    starts = table.indptr.astype(np.int32)  # of 64 bits they would make the columns so
    stored: csr_array[np.float32] = csr_array((table.values, table.indices, starts), shape=(n, n))
    turned = stored.tocsc()
    indptr = turned.indptr.astype(np.int64)
    indices = turned.indices.astype(np.int32, copy=False)
    values = turned.data
    for start, stop in zip(indptr[:-1].tolist(), indptr[1:].tolist(), strict=True):
        order = start + np.argsort(-values[start:stop], kind="stable")
        indices[start:stop], values[start:stop] = indices[order], values[order]
    return SparseRows(indptr, indices, values)


def unit_columns(
    matrix: csr_array[np.float64], lengths: NDArray[np.float64] | None = None
) -> csr_array[np.float64]:
    """Each column divided by its length, or by a given one: float64 (n_items,)."""
    norms = _not_zero(column_lengths(matrix) if lengths is None else lengths)
    of_entries = norms[matrix.indices]
    unit = np.divide(matrix.data, of_entries, out=of_entries)
    return csr_array((unit, matrix.indices, matrix.indptr), shape=matrix.shape)


def _not_zero(norms: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for an item nobody touched, or one whose decay underflowed."""
    return np.where(norms == 0, 1.0, norms)


def column_lengths(matrix: csr_array[np.float64]) -> NDArray[np.float64]:
    """The Euclidean norm of each column: float64 (n_items,)."""
    return np.sqrt(column_sums(matrix, np.square))


def column_sums(
    matrix: csr_array[np.float64], of: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """``Σ_u of(x_ui)`` of each column i, a few entries at a time: float64 (n_items,)."""
    sums = np.zeros(matrix.shape[1])
    for start in range(0, matrix.nnz, _SUMMED):
        part = slice(start, start + _SUMMED)
        np.add.at(sums, matrix.indices[part].astype(np.intp), of(matrix.data[part]))
    return sums


def candidates_of(targets: csr_array[np.float64], sources: csr_array[np.float64]) -> NDArray[np.int64]:
    """Upper bound of the sources of each target: ``min(n_items, Σ_{u has t} n_u)``, int64 (n_items,)."""
    sizes, reached = np.diff(sources.indptr).astype(np.int64), np.zeros(targets.shape[1], dtype=np.int64)
    for start, stop in row_blocks(targets.indptr, _SUMMED):
        had = targets.indices[targets.indptr[start] : targets.indptr[stop]].astype(np.intp)
        np.add.at(reached, had, np.repeat(sizes[start:stop], np.diff(targets.indptr[start : stop + 1])))
    return np.minimum(reached, targets.shape[1])


def _block_budget(candidates: NDArray[np.int64], *, fixed: int, entry: int, budget: int) -> int:
    needed = fixed + entry * int(candidates.max(initial=0))
    if needed > budget:
        megabytes = -(-needed // _MEGABYTE)
        raise InvalidInputError("memory_budget_mb", f"these interactions need at least {megabytes} MB")
    return budget - fixed


def _totals(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(sizes)))


def _largest(
    block: csr_array[np.float64],
    targets: NDArray[np.int64],
    part: Part,
    likeness: Rescale | None,
    count: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Of some rows of a block: (how many each keeps, their columns, their values), largest first."""
    bounds = block.indptr[part[0] : part[1] + 1]
    columns, values = block.indices[bounds[0] : bounds[-1]], block.data[bounds[0] : bounds[-1]]
    rows = np.repeat(targets[slice(*part)], np.diff(bounds))
    # Rounded before ranking, so that sums which differ only in their last bits are the ties they ought to be.
    rounded = (values if likeness is None else likeness(rows, columns, values)).astype(np.float32)
    rounded[~(rounded > 0) | (columns == rows)] = 0.0
    keys = (rounded.view(np.int32).astype(np.int64) << 32) | (
        _LOW - columns
    )  # positive floats order as their bits
    kept = []
    for start, stop in zip(
        (bounds[:-1] - bounds[0]).tolist(), (bounds[1:] - bounds[0]).tolist(), strict=True
    ):
        own = keys[start:stop]
        if len(own) > count:
            own.partition(len(own) - count)
            own = own[len(own) - count :]
        own.sort()
        kept.append(own[np.searchsorted(own, 1 << 32) :][::-1])
    best = np.concatenate(kept) if kept else keys
    sizes = np.array([len(own) for own in kept], dtype=np.int64)
    return sizes, (_LOW - (best & _LOW)).astype(np.int32), (best >> 32).astype(np.int32).view(np.float32)
