"""The largest entries of every row of a matrix that is made a few rows at a time, under a memory budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.blocks import made_ahead, row_blocks
from personalization.engine.kernels.item_tables import TABLE_ENTRY
from personalization.engine.kernels.row_writer import RowWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.tables import SparseRows

    #: What entries become before they are compared: (rows, columns, entries) → float64 of the same length.
    Rescale: TypeAlias = Callable[
        [NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]], NDArray[np.float64]
    ]
    #: The first of some rows, and the one after the last.
    Part: TypeAlias = tuple[int, int]

#: Entries whose likeness is worked out and ordered at once, and what each of them takes meanwhile.
_ORDERED: Final = 1 << 16
ORDERED_ENTRY: Final = 64
RESCALED_ENTRY: Final = 256
_LOW: Final = 0x7FFFFFFF  #: 31 bits: a column, turned around, behind the 32 bits of its value
#: Entries of the blocks that are made while others are ordered.
_AHEAD: Final = 1 << 21
_MEGABYTE: Final = 1 << 20


def top_rows(
    block: Callable[[int, int], csr_array[np.float64]],
    candidates: NDArray[np.int64],
    likeness: Rescale | None = None,
    *,
    neighbors: int,
    budget: int,
    fixed: int,
    entry: int,
    ordered: int = ORDERED_ENTRY,
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
    limit = budget_left(wanted, fixed=fixed + 2 * TABLE_ENTRY * width, entry=entry + ordered, budget=budget)
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


def budget_left(candidates: NDArray[np.int64], *, fixed: int, entry: int, budget: int) -> int:
    """The bytes beside what is ``fixed``. Raises InvalidInputError naming ``memory_budget_mb`` when they do not hold one
    row of the most ``candidates``, of ``entry`` bytes each."""
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
    # Positive floats order as their bits.
    keys = (rounded.view(np.int32).astype(np.int64) << 32) | (_LOW - columns)
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
