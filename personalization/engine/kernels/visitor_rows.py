"""Lists that are worked out for every visitor beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.kernels.row_writer import RowWriter
from personalization.engine.kernels.selection import row_keys, select_best, shortlist
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    #: (rows, items, scores)
    Entries: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]

#: Dense scores that are made at once, with masks and copies some 50 MB.
_AT_ONCE: Final = 1 << 20


def keep_best(
    score: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    history: csr_array[np.float64],
    count: int,
    *,
    above: float = -np.inf,
    at_once: int = _AT_ONCE,
) -> SparseRows:
    """For every visitor the ``count`` best items that are new to it, and the ``count`` best of those that it has.

    Both, so that a list with seen items can be made from the row as well as one without.

    Parameters
    ----------
    score   : visitor rows int64 (m,) → float32 (m, n_items), -inf where an item is no candidate; overwritten
    history : float64 CSR (n_visitors, n_items)
    above   : what is not larger is no candidate either
    at_once : scores that are made at once

    Returns
    -------
    Rows of visitors, columns are items; best first, ties by the lower item row.
    """
    n_visitors, n_items = history.shape
    sizes = np.minimum(np.diff(history.indptr), count).astype(np.int64)
    table = RowWriter(n_visitors, int(sizes.sum()) + n_visitors * min(count, n_items))
    for rows in _chunks(n_visitors, n_items, at_once):
        every, has = score(rows), history[rows]
        had = np.repeat(np.arange(len(rows)), np.diff(has.indptr))
        old = every[had, has.indices]
        mask_seen(every, has)
        fresh, usable = shortlist(every, count, above=above), old > above
        known = (had[usable], has.indices[usable], old[usable])
        table.append(*_merged(fresh, known, n_rows=len(rows), count=count))
    return table.rows()


def keep_any(
    score: Callable[[NDArray[np.int64]], NDArray[np.float32]], shape: tuple[int, int], count: int
) -> SparseRows:
    """For every visitor the ``count`` best items, whether it has them or not.

    Parameters
    ----------
    score : visitor rows int64 (m,) → float32 (m, n_items), -inf where an item is no candidate
    shape : (n_visitors, n_items)

    Returns
    -------
    Rows as in `keep_best`.
    """
    table = RowWriter(shape[0], shape[0] * min(count, shape[1]))
    for rows in _chunks(*shape, _AT_ONCE):
        items, scores = select_best(score(rows), count)
        found = items >= 0
        table.append(found.sum(axis=1), items[found], scores[found])
    return table.rows()


def rows_of(
    visitors: NDArray[np.int64],
    items: NDArray[np.int32],
    values: NDArray[np.float64],
    *,
    n_visitors: int,
    count: int,
) -> SparseRows:
    """Rows from distinct (visitor, item) entries: of each visitor the ``count`` largest values that are > 0, ties by
    the lower item row.
    """
    rounded = values.astype(np.float32)
    usable = rounded > 0
    order = np.lexsort((items[usable], -rounded[usable], visitors[usable]))
    rows = visitors[usable][order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < count
    indptr = np.zeros(n_visitors + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows[kept], minlength=n_visitors), out=indptr[1:])
    return SparseRows(indptr, items[usable][order][kept].astype(np.int32), rounded[usable][order][kept])


def mask_seen(scores: NDArray[np.float32], seen: csr_array[np.float64]) -> None:
    """Take what a visitor has out of its row, in place."""
    scores[np.repeat(np.arange(len(scores)), np.diff(seen.indptr)), seen.indices] = -np.inf


def _merged(
    fresh: Entries, known: Entries, *, n_rows: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(entries of each row, their items, their scores) of the best of both kinds, best first."""
    rows = np.concatenate((fresh[0], known[0]))
    items, scores = np.concatenate((fresh[1], known[1])), np.concatenate((fresh[2], known[2]))
    order = np.lexsort((items, row_keys(rows, scores)))
    rows, new = rows[order], order < len(fresh[0])
    kept = _first(rows, new, count) | _first(rows, ~new, count)
    chosen = order[kept]
    return np.bincount(rows[kept], minlength=n_rows), items[chosen], scores[chosen]


def _first(rows: NDArray[np.int64], wanted: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """The first ``count`` entries of each row that are wanted; rows ascending."""
    before: NDArray[np.int64] = np.cumsum(wanted) - wanted
    return wanted & (before - before[np.searchsorted(rows, rows)] < count)


def _chunks(n_visitors: int, n_items: int, at_once: int) -> Iterator[NDArray[np.int64]]:
    size = max(1, at_once // max(n_items, 1))
    for start in range(0, n_visitors, size):
        yield np.arange(start, min(start + size, n_visitors))
