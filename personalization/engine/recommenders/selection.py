"""The best columns of many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Groups of columns for each entry that is wanted: more of them make closer floors, and take longer to order.
_GROUPS: Final = 8
#: What every candidate reaches.
_LEAST: Final = np.finfo(np.float32).min


def select_best(scores: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ``count`` largest entries of each row, ties by the lower column.

    Parameters
    ----------
    scores : float32 (m, n), -inf where an entry is no candidate

    Returns
    -------
    columns int32 (m, count) and scores float32 (m, count); missing places hold -1 and NaN.
    """
    if count >= scores.shape[1]:
        return _sorted(scores, count)
    rows, columns, values = _shortlist(scores, count)
    order = np.lexsort((columns, -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < count
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    best[rows[kept], places[kept]] = columns[kept]
    best_scores[rows[kept], places[kept]] = values[kept]
    return best, best_scores


def _sorted(scores: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """All of each row: nothing is to be left out, so a row is sorted by itself."""
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")
    values = np.take_along_axis(scores, order, axis=1)
    usable = values > -np.inf
    width = scores.shape[1]
    best[:, :width] = np.where(usable, order, -1)
    best_scores[:, :width] = np.where(usable, values, np.nan)
    return best, best_scores


def _shortlist(
    scores: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(rows, columns, values) of everything that may be among its row's ``count`` best: no worse than its floor."""
    rows, columns = np.nonzero(scores >= _floors(scores, count)[:, None])
    return rows, columns, scores[rows, columns]


def _floors(scores: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """A bound for each row that at least ``count`` of its candidates reach, if there are so many: float32 (m,), finite.

    The count-th best of the maxima of groups of columns. Only few entries that are none of the best reach it, and
    comparing whole stretches of a row costs a fraction of ordering all of it.
    """
    depth = max(1, scores.shape[1] // (_GROUPS * count))
    width = scores.shape[1] // depth
    maxima = (
        scores[:, : depth * width].reshape(len(scores), depth, width).max(axis=1) if depth > 1 else scores
    )
    floors: NDArray[np.float32] = np.partition(maxima, -count, axis=1)[:, -count]
    return np.maximum(floors, _LEAST)
