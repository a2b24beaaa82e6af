"""The best columns of many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """(rows, columns, values) of everything that is at least as good as its row's count-th best."""
    floors = np.partition(scores, -count, axis=1)[:, -count]
    usable = (scores > -np.inf) & (scores >= floors[:, None])
    rows, columns = np.nonzero(usable)
    return rows, columns, scores[rows, columns]
