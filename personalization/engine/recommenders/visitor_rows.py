"""Lists that are worked out for every visitor beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.recommenders.selection import select_best
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    #: (rows, items, scores), parallel.
    _Entries: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]

#: Dense scores of a chunk of visitors, with masks and copies, may take this much.
_CHUNK_BYTES: Final = 64 << 20
_BYTES_PER_SCORE: Final = 48


def keep_best(
    score: Callable[[NDArray[np.int64]], NDArray[np.float32]], history: csr_array[np.float64], count: int
) -> SparseRows:
    """For every visitor the ``count`` best items that are new to it, and the ``count`` best of those that it has.

    Both, so that a list with seen items can be made from the row as well as one without.

    Parameters
    ----------
    score   : visitor rows int64 (m,) → float32 (m, n_items), -inf where an item is no candidate
    history : float64 CSR (n_visitors, n_items)

    Returns
    -------
    Rows of visitors, columns are items; best first, ties by the lower item row.
    """
    kept: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]] = []
    for rows in _chunks(np.arange(history.shape[0]), history.shape[1]):
        scores, has = score(rows), history[rows]
        seen = _best_seen(scores, has, count)
        mask_seen(scores, has)
        kept.append(_merged(select_best(scores, count), seen))
    indptr = np.zeros(history.shape[0] + 1, dtype=np.int64)
    np.cumsum(np.concatenate([sizes for sizes, _, _ in kept]), out=indptr[1:])
    columns, values = (np.concatenate([part[place] for part in kept]) for place in (1, 2))
    return SparseRows(indptr, columns.astype(np.int32), values.astype(np.float32))


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
    sizes, columns, values = [], [], []
    for rows in _chunks(np.arange(shape[0]), shape[1]):
        items, scores = select_best(score(rows), count)
        found = items >= 0
        sizes.append(found.sum(axis=1))
        columns.append(items[found])
        values.append(scores[found])
    indptr = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.concatenate(sizes), out=indptr[1:])
    return SparseRows(indptr, np.concatenate(columns), np.concatenate(values))


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


def _best_seen(scores: NDArray[np.float32], has: csr_array[np.float64], count: int) -> _Entries:
    """Of what each row has, the ``count`` best candidates."""
    rows, items = np.repeat(np.arange(len(scores)), np.diff(has.indptr)), has.indices.astype(np.int32)
    values = scores[rows, items]
    order = np.lexsort((items, -values, rows))
    rows, items, values = rows[order], items[order], values[order]
    best = (np.arange(len(rows)) - np.searchsorted(rows, rows) < count) & (values > -np.inf)
    return rows[best], items[best], values[best]


def _merged(
    fresh: tuple[NDArray[np.int32], NDArray[np.float32]], seen: _Entries
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(entries of each row, their items, their scores), best first; ``fresh`` as `select_best` gives it."""
    found = fresh[0] >= 0
    rows = np.concatenate([np.nonzero(found)[0], seen[0]])
    items = np.concatenate([fresh[0][found], seen[1]])
    scores = np.concatenate([fresh[1][found], seen[2]])
    order = np.lexsort((items, -scores, rows))
    return np.bincount(rows, minlength=len(found)), items[order], scores[order]


def _chunks(rows: NDArray[np.int64], n_items: int) -> Iterator[NDArray[np.int64]]:
    size = max(1, _CHUNK_BYTES // (_BYTES_PER_SCORE * max(n_items, 1)))
    for start in range(0, max(len(rows), 1), size):
        yield rows[start : start + size]
