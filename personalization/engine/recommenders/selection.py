"""The best columns of many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Groups of columns for each entry that is wanted: more of them make closer floors, and take longer to order.
_GROUPS: Final = 8
#: What every candidate reaches unless more is asked for.
_LEAST: Final = float(np.finfo(np.float32).min)


def select_best(
    scores: NDArray[np.float32], count: int, *, least: float = _LEAST
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ``count`` largest entries of each row, ties by the lower column.

    Parameters
    ----------
    scores : float32 (m, n), -inf where an entry is no candidate
    least  : what is smaller is no candidate either

    Returns
    -------
    columns int32 (m, count) and scores float32 (m, count); missing places hold -1 and NaN.
    """
    if count >= scores.shape[1]:
        return _sorted(scores, count, least)
    rows, columns, values = _shortlist(scores, count, least)
    order = _best_first(rows, values)
    rows, columns, values = rows[order], columns[order], values[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < count
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    best[rows[kept], places[kept]] = columns[kept]
    best_scores[rows[kept], places[kept]] = values[kept]
    return best, best_scores


def _sorted(
    scores: NDArray[np.float32], count: int, least: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """All of each row: nothing is to be left out, so a row is sorted by itself."""
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")
    values = np.take_along_axis(scores, order, axis=1)
    usable = values >= least
    width = scores.shape[1]
    best[:, :width] = np.where(usable, order, -1)
    best_scores[:, :width] = np.where(usable, values, np.nan)
    return best, best_scores


def _shortlist(
    scores: NDArray[np.float32], count: int, least: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(rows, columns, values) of everything that may be among its row's ``count`` best: no worse than its floor."""
    listed = np.flatnonzero(scores >= np.maximum(_floors(scores, count), np.float32(least))[:, None])
    rows, columns = np.divmod(listed, scores.shape[1])
    return rows, columns, scores.ravel()[listed]


def _best_first(rows: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.int64]:
    """By row, then the largest value, then as they came: int64 (n,).

    Row and value are one number, whose bits order as floats do, the larger first: that sorts in a third of the time.
    """
    bits = (values + np.float32(0)).view(np.uint32)  # -0.0 is 0.0
    bits = np.where(bits >> 31, bits, ~bits & np.uint32(0x7FFFFFFF))
    return np.argsort(rows.astype(np.uint64) << np.uint64(32) | bits, kind="stable")


def _floors(scores: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """A bound for each row that at least ``count`` of its candidates reach, if there are so many: float32 (m,).

    The count-th best of the maxima of groups of columns. Only few entries that are none of the best reach it, and
    comparing whole stretches of a row costs a fraction of ordering all of it.
    """
    depth = max(1, scores.shape[1] // (_GROUPS * count))
    width = scores.shape[1] // depth
    maxima = (
        scores[:, : depth * width].reshape(len(scores), depth, width).max(axis=1) if depth > 1 else scores
    )
    floors: NDArray[np.float32] = np.partition(maxima, -count, axis=1)[:, -count]
    return floors
