"""The item-item kernel: likeness of all pairs of columns, a few rows at a time, under a memory budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.blocks import row_blocks
from personalization.engine.kernels.columns import SUMMED, column_lengths, not_zero, unit_columns
from personalization.engine.kernels.compiled import compiled_for
from personalization.engine.kernels.item_tables import TABLE_ENTRY
from personalization.engine.kernels.top_rows import ORDERED_ENTRY, RESCALED_ENTRY, budget_left, top_rows
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.kernels.top_rows import Part, Rescale

#: A sparse float64 entry with an int64 index, the wider of what scipy may choose.
_ENTRY: Final = 16
#: The same where it is counted, too, who has both.
_COUNTED_ENTRY: Final = 72


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
    norms = not_zero(column_lengths(matrix) if lengths is None else lengths)
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
        ordered=ORDERED_ENTRY if comparison.rescale is None else RESCALED_ENTRY,
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
    taken = comparison.held_bytes + working + 2 * TABLE_ENTRY * int(widths.sum())
    budget_left(candidates, fixed=taken, entry=0, budget=budget)
    how: dict[str, Any] = {"neighbors": neighbors, "widths": widths}
    rows: SparseRows
    if comparison.scales is None:
        rows = fast.top_products(comparison.targets, comparison.sources, **how)
    else:
        rows = fast.top_counts(comparison.sources, comparison.scales, **how)
    return rows


def candidates_of(targets: csr_array[np.float64], sources: csr_array[np.float64]) -> NDArray[np.int64]:
    """Upper bound of the sources of each target: ``min(n_items, Σ_{u has t} n_u)``, int64 (n_items,)."""
    sizes, reached = np.diff(sources.indptr).astype(np.int64), np.zeros(targets.shape[1], dtype=np.int64)
    for start, stop in row_blocks(targets.indptr, SUMMED):
        had = targets.indices[targets.indptr[start] : targets.indptr[stop]].astype(np.intp)
        np.add.at(reached, had, np.repeat(sizes[start:stop], np.diff(targets.indptr[start : stop + 1])))
    return np.minimum(reached, targets.shape[1])
