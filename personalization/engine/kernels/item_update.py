"""Item tables of an earlier build, brought up to date row by row: the same tables as if all had been learned again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.blocks import row_blocks
from personalization.engine.kernels.item_kernel import candidates_of, top_compared
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.kernels.item_kernel import Comparison

#: Of more rows than this share, learning all again is no slower.
MOST: Final = 0.5
#: Grows when the same columns give other tables than before: then no earlier row may stay.
VERSION: Final = 1

#: A sparse float64 entry with its index, its row and what looking for it takes.
_ENTRY: Final = 48


@dataclass(frozen=True, slots=True, eq=False)
class EarlierRows:
    """The table of neighbors of an earlier build, in today's item rows.

    indptr  : int64 (n_items + 1,); a new item's row is empty
    columns : int32, largest first in each row; -1: an item that is gone
    dropped : int32, what the rows of items that are gone listed
    """

    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    dropped: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class UpdatedRows:
    """The rows that are not what they were; all others stand.

    neighbor_rows, weight_rows : int64, ascending, which rows of today's tables these are
    neighbors, weights         : the rows themselves, one for each of them, empty ones too
    """

    neighbor_rows: NDArray[np.int64]
    neighbors: SparseRows
    weight_rows: NDArray[np.int64]
    weights: SparseRows


def prints_of(
    matrix: csr_array[np.float64], visitor_ids: NDArray[np.int64], *more: NDArray[np.float64]
) -> NDArray[np.uint64]:
    """A number for each column: uint64 (n_items,), equal where the same visitors have the same values.

    ``Σ_u mix(id_u, x_ui, …) mod 2^64``, mix the finalizer of splitmix64; two different columns get the same number
    once in 2^64. (Steele et al., Fast splittable pseudorandom number generators, OOPSLA 2014.)

    Parameters
    ----------
    matrix      : float64 CSR (n_visitors, n_items)
    visitor_ids : int64 (n_visitors,), what each row is called
    more        : further values of the entries of the matrix, float64 (nnz,)
    """
    mixed = _mix(np.full(matrix.nnz, VERSION, np.uint64))
    named = np.repeat(visitor_ids.astype(np.int64), np.diff(matrix.indptr)).view(np.uint64)
    for part in (named, matrix.data.view(np.uint64), *(values.view(np.uint64) for values in more)):
        mixed = _mix(mixed ^ part)
    order = np.argsort(matrix.indices, kind="stable")
    totals = np.concatenate(([np.uint64(0)], np.cumsum(mixed[order], dtype=np.uint64)))
    ends = np.cumsum(np.bincount(matrix.indices, minlength=matrix.shape[1]))
    return np.diff(totals[np.concatenate(([0], ends))])


def update_rows(
    comparison: Comparison, touched: NDArray[np.bool_], earlier: EarlierRows, *, neighbors: int, budget: int
) -> UpdatedRows | None:
    """The rows that `item_kernel.top_compared` and `transpose` would give otherwise than before.

    A target's row may differ only if its own column does, if it shares a visitor with one whose column does, or if it
    listed such a one; a source's row only if it stands in one of those, now or before. Values of the targets that
    stand are computed again where they share a source's row with one that does not: packed, they are not exact.

    Parameters
    ----------
    comparison : likeness that depends on the columns of the two items only
    touched    : bool (n_items,) items whose column is not what it was
    neighbors, budget : as of `item_kernel.top_compared`

    Returns
    -------
    None where more than `MOST` of the targets may differ.
    """
    stale = _stale(comparison.sources, touched, earlier)
    rows = np.flatnonzero(stale)
    if len(rows) > MOST * len(stale):
        return None
    fresh = top_compared(comparison, neighbors=neighbors, budget=budget, only=rows)
    targets = np.repeat(np.arange(len(stale)), np.diff(earlier.indptr))
    listed = earlier.columns >= 0
    affected = np.zeros(len(stale), np.bool_)
    affected[fresh.indices] = affected[earlier.dropped] = True
    affected[earlier.columns[stale[targets] & listed]] = True
    kept = listed & ~stale[targets] & affected[earlier.columns]
    stand = targets[kept], earlier.columns[kept]
    entries = (
        np.concatenate((stand[0], np.repeat(rows, np.diff(fresh.indptr)))),
        np.concatenate((stand[1], fresh.indices)),
        np.concatenate((_likeness(comparison, *stand, budget=budget), fresh.values)),
    )
    sources = np.flatnonzero(affected)
    return UpdatedRows(rows, fresh, sources, _by_source(*entries, sources))


def _stale(
    sources: csr_array[np.float64], touched: NDArray[np.bool_], earlier: EarlierRows
) -> NDArray[np.bool_]:
    """Targets whose row may differ: bool (n_items,)."""
    rows = np.repeat(np.arange(sources.shape[0]), np.diff(sources.indptr))
    moved = np.zeros(sources.shape[0], np.bool_)
    moved[rows[touched[sources.indices]]] = True
    stale = touched.copy()
    stale[sources.indices[moved[rows]]] = True
    lost = (earlier.columns < 0) | touched[earlier.columns]
    stale[np.repeat(np.arange(len(stale)), np.diff(earlier.indptr))[lost]] = True
    return stale


def _likeness(
    comparison: Comparison, targets: NDArray[np.int64], sources: NDArray[np.int32], *, budget: int
) -> NDArray[np.float32]:
    """The likeness of some pairs, as `item_kernel.top_compared` has it: float32 of their length."""
    values = np.empty(len(targets), np.float32)
    wanted, places = np.unique(sources, return_inverse=True)
    by_source = csr_array(comparison.sources.T.tocsr())[wanted]
    reached = candidates_of(comparison.sources, comparison.targets)[wanted]
    order = np.argsort(places, kind="stable")
    bounds = np.searchsorted(places[order], np.arange(len(wanted) + 1))
    room = max(budget - comparison.fixed_bytes, _ENTRY * int(reached.max(initial=1))) // _ENTRY
    for start, stop in row_blocks(np.concatenate(([0], np.cumsum(reached))), room):
        products = csr_array(by_source[start:stop] @ comparison.targets)
        products.sort_indices()
        width = products.shape[1]
        keys = np.repeat(np.arange(stop - start), np.diff(products.indptr)) * width + products.indices
        asked = order[bounds[start] : bounds[stop]]
        found = np.searchsorted(keys, (places[asked] - start) * width + targets[asked])
        values[asked] = comparison.of(targets[asked], sources[asked], products.data[found])
    return values


def _by_source(
    targets: NDArray[np.int64],
    sources: NDArray[np.int32],
    values: NDArray[np.float32],
    rows: NDArray[np.int64],
) -> SparseRows:
    """As `item_tables.transpose`: row i lists the targets of source ``rows[i]``, ties by the lower row."""
    order = np.lexsort((targets, -values, sources))
    indptr = np.concatenate(
        ([0], np.cumsum(np.bincount(np.searchsorted(rows, sources), minlength=len(rows))))
    )
    return SparseRows(indptr.astype(np.int64), targets[order].astype(np.int32), values[order])


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
