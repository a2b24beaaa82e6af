"""The kernel of item tables compiled by numba (extra ``[fast]``): the same tables as without it, in less time.

For each target the products with all sources are summed into one dense row of counters; those that were touched are
listed without a branch, and a buffer keeps those that may still be among the largest. Items are numbered by popularity
meanwhile, so that counters which change together lie together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

#: How many times the wanted entries the buffer holds before it is cut.
_ROOM: Final = 4
#: The least buffer: cutting a smaller one costs more than it saves.
_LEAST: Final = 64
#: From so many products for each counter on, listing the touched ones afterwards costs less than listing them at once.
_SCAN: Final = 1
_LOW: Final = 0x7FFFFFFF  #: 31 bits: a source, turned around, behind the 32 bits of its value


def bytes_of(shape: tuple[int, int], pairs: int, neighbors: int, *, counts: bool) -> int:
    """What the working rows of all threads take, and the pairs by item, with their values unless they are counted."""
    n_visitors, n_items = shape
    rows = int(numba.get_num_threads()) * (12 * (n_items + 1) + 2 * 8 * _room(min(neighbors, n_items)))
    return rows + (8 if counts else 16) * pairs + 8 * n_visitors + 64 * n_items


def top_products(
    targets: csr_array[np.float64],
    sources: csr_array[np.float64],
    *,
    neighbors: int,
    widths: NDArray[np.int64],
) -> SparseRows:
    """As `engine.kernels.item_kernel.top_products` without a rescale, to the last bit.

    Parameters
    ----------
    targets, sources : float64 CSR (n_visitors, n_items), entries > 0 at the same places
    neighbors        : K ≥ 1
    widths           : int64 (n_items,) upper bound of the entries that each target can keep, ≤ K; 0: it is left out
    """
    order = _by_popularity(sources)
    indptr = sources.indptr.astype(np.int64)
    by_target = _by_target(indptr, sources.indices, targets.data, order)
    wanted = np.flatnonzero(widths[order] > 0)
    limits, table = (numba.get_num_threads(), neighbors, _room(neighbors)), _Table(widths)
    _fill(indptr, sources.data, *by_target, order, wanted, *limits, *table.arrays)
    return table.rows()


def top_counts(
    matrix: csr_array[np.float64], scales: NDArray[np.float64], *, neighbors: int, widths: NDArray[np.int64]
) -> SparseRows:
    """The same where both matrices hold ones only: ``count · (scale_t scale_s)``, counted in whole numbers.

    scales : float64 (n_items,), > 0
    """
    order = _by_popularity(matrix)
    indptr = matrix.indptr.astype(np.int64)
    columns, first, visitors, _ = _by_target(indptr, matrix.indices, matrix.data[:0], order)
    wanted = np.flatnonzero(widths[order] > 0)
    limits, table = (numba.get_num_threads(), neighbors, _room(neighbors)), _Table(widths)
    _count(indptr, columns, first, visitors, order, scales[order], wanted, *limits, *table.arrays)
    return table.rows()


def _by_popularity(matrix: csr_array[np.float64]) -> NDArray[np.int32]:
    """The items, the most popular first: int32 (n_items,)."""
    return np.argsort(-_tally(matrix.indices, matrix.shape[1]), kind="stable").astype(np.int32)


def _room(neighbors: int) -> int:
    return max(_ROOM * neighbors, _LEAST)


class _Table:
    """Places for as many entries as each row may keep; what stays free is closed up where it stands."""

    def __init__(self, widths: NDArray[np.int64]) -> None:
        self.starts = np.concatenate(([0], np.cumsum(widths)))
        self.indices = np.empty(self.starts[-1], dtype=np.int32)
        self.values = np.empty(self.starts[-1], dtype=np.float32)
        self.kept = np.zeros(len(widths), dtype=np.int64)

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
        return self.starts, self.indices, self.values, self.kept

    def rows(self) -> SparseRows:
        indptr = np.concatenate(([0], np.cumsum(self.kept)))
        _close_up(*self.arrays)
        self.indices.resize(indptr[-1], refcheck=False)
        self.values.resize(indptr[-1], refcheck=False)
        return SparseRows(indptr, self.indices, self.values)


@numba.njit(cache=True)
def _close_up(starts, indices, values, kept):  # type: ignore[no-untyped-def]
    """Move the entries that are kept to the front, in place."""
    free = 0
    for row in range(len(kept)):
        for at in range(starts[row], starts[row] + kept[row]):
            indices[free] = indices[at]
            values[free] = values[at]
            free += 1


@numba.njit(cache=True)
def _tally(indices, n):  # type: ignore[no-untyped-def]
    """How often each index stands: int64 (n,)."""
    counts = np.zeros(n, np.int64)
    for index in indices:
        counts[index] += 1
    return counts


@numba.njit(cache=True)
def _by_target(indptr, indices, data, order):  # type: ignore[no-untyped-def]
    """(columns of the sources, starts of the targets, their visitors, their values), items in the given order.

    Without data there are no values.
    """
    number = np.empty_like(order)
    for place in range(len(order)):
        number[order[place]] = place
    columns = np.empty(len(indices), np.int32)
    starts = np.zeros(len(order) + 1, np.int64)
    for entry in range(len(indices)):
        columns[entry] = number[indices[entry]]
        starts[columns[entry] + 1] += 1
    for place in range(len(order)):
        starts[place + 1] += starts[place]
    free = starts[:-1].copy()
    visitors = np.empty(len(indices), np.int32)
    values = np.empty(len(data), np.float64)
    for visitor in range(len(indptr) - 1):
        for entry in range(indptr[visitor], indptr[visitor + 1]):
            at = free[columns[entry]]
            free[columns[entry]] = at + 1
            visitors[at] = visitor
            if len(data) > 0:
                values[at] = data[entry]
    return columns, starts, visitors, values


@numba.njit(cache=True)
def _cut(keys, count, wanted, most):  # type: ignore[no-untyped-def]
    """Move the largest to the front, at least ``wanted`` and at most ``most`` of them; how many, and the least allowed.

    Halving the range of values instead of comparing entries leaves nothing to guess wrong.
    """
    low, high = keys[0], keys[0]
    for place in range(1, count):
        low = min(low, keys[place])
        high = max(high, keys[place])
    high += 1
    above = count
    while above > most and high - low > 1:
        middle = low + ((high - low) >> 1)
        found = 0
        for place in range(count):
            found += keys[place] >= middle
        if found >= wanted:
            low, above = middle, found
        else:
            high = middle
    front = 0
    for place in range(count):
        key = keys[place]
        keys[front] = key
        front += 1 if key >= low else 0
    return front, low


@numba.njit(cache=True)
def _write(keys, count, wanted, ranked, row, places, out, out_values, kept):  # type: ignore[no-untyped-def]
    """The largest of the buffer, in order, to their places in the table."""
    float_of = np.zeros(1, np.float32)
    bits_of = float_of.view(np.int32)
    if count > wanted:
        count, _low = _cut(keys, count, wanted, wanted)
    for at in range(count):
        larger = 0
        for other in range(count):
            larger += keys[other] > keys[at]
        ranked[larger] = keys[at]
    kept[row] = count
    for at in range(count):
        bits_of[0] = np.int32(ranked[at] >> 32)
        out[places[row] + at] = np.int32(_LOW - (ranked[at] & 0xFFFFFFFF))
        out_values[places[row] + at] = float_of[0]


@numba.njit(parallel=True, cache=True)
def _fill(  # type: ignore[no-untyped-def]
    indptr,
    data,
    columns,
    starts,
    visitors,
    values,
    order,
    targets,
    threads,
    wanted,
    room,
    places,
    out,
    out_values,
    kept,
):
    n = len(order)
    for thread in numba.prange(threads):
        sums = np.zeros(n, np.float64)
        touched = np.empty(n + 1, np.int32)
        keys = np.empty(room + 1, np.int64)
        ranked = np.empty(room + 1, np.int64)
        float_of = np.zeros(1, np.float32)
        bits_of = float_of.view(np.int32)
        for turn in range(thread, len(targets), threads):
            target = targets[turn]
            size = 0
            for at in range(starts[target], starts[target + 1]):
                weight = values[at]
                for entry in range(indptr[visitors[at]], indptr[visitors[at] + 1]):
                    source = columns[entry]
                    before = sums[source]
                    touched[size] = source
                    size += 1 if before == 0 else 0
                    sums[source] = before + weight * data[entry]
            sums[target] = 0
            count, least = 0, np.float32(0)
            for at in range(size):
                source = touched[at]
                value = np.float32(sums[source])
                sums[source] = 0
                if value > 0 and value >= least:
                    float_of[0] = value
                    keys[count] = (np.int64(bits_of[0]) << 32) | (_LOW - order[source])
                    count += 1
                    if count == room:
                        count, low = _cut(keys, count, wanted, wanted + wanted // 2)
                        bits_of[0] = np.int32(low >> 32)
                        least = float_of[0]
            _write(keys, count, wanted, ranked, order[target], places, out, out_values, kept)


@numba.njit(parallel=True, cache=True)
def _count(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912 - one loop, which must not be taken apart
    indptr,
    columns,
    starts,
    visitors,
    order,
    scales,
    targets,
    threads,
    wanted,
    room,
    places,
    out,
    out_values,
    kept,
):
    n = len(order)
    for thread in numba.prange(threads):
        counts = np.zeros(n, np.int32)
        touched = np.empty(n + 1, np.int32)
        keys = np.empty(room + 1, np.int64)
        ranked = np.empty(room + 1, np.int64)
        float_of = np.zeros(1, np.float32)
        bits_of = float_of.view(np.int32)
        for turn in range(thread, len(targets), threads):
            target = targets[turn]
            size, reached = 0, 0
            for at in range(starts[target], starts[target + 1]):
                reached += indptr[visitors[at] + 1] - indptr[visitors[at]]
            if reached > _SCAN * n:
                for at in range(starts[target], starts[target + 1]):
                    for entry in range(indptr[visitors[at]], indptr[visitors[at] + 1]):
                        counts[columns[entry]] += 1
                for source in range(n):
                    touched[size] = source
                    size += 1 if counts[source] > 0 else 0
            else:
                for at in range(starts[target], starts[target + 1]):
                    for entry in range(indptr[visitors[at]], indptr[visitors[at] + 1]):
                        source = columns[entry]
                        before = counts[source]
                        touched[size] = source
                        size += 1 if before == 0 else 0
                        counts[source] = before + 1
            counts[target] = 0
            count, least, scale = 0, np.float32(0), scales[target]
            for at in range(size):
                source = touched[at]
                value = np.float32(counts[source] * (scale * scales[source]))
                counts[source] = 0
                if value > 0 and value >= least:
                    float_of[0] = value
                    keys[count] = (np.int64(bits_of[0]) << 32) | (_LOW - order[source])
                    count += 1
                    if count == room:
                        count, low = _cut(keys, count, wanted, wanted + wanted // 2)
                        bits_of[0] = np.int32(low >> 32)
                        least = float_of[0]
            _write(keys, count, wanted, ranked, order[target], places, out, out_values, kept)
