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


def select_best(
    scores: NDArray[np.float32], count: int, *, above: float = -np.inf
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ``count`` largest entries of each row, ties by the lower column.

    Parameters
    ----------
    scores : float32 (m, n), -inf where an entry is no candidate
    above  : what is not larger is no candidate either

    Returns
    -------
    columns int32 (m, count) and scores float32 (m, count); missing places hold -1 and NaN.
    """
    if count >= scores.shape[1]:
        return _sorted(scores, count, above)
    rows, columns, values = shortlist(scores, count, above=above)
    order = np.argsort(row_keys(rows, values), kind="stable")
    rows, columns, values = rows[order], columns[order], values[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < count
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    best[rows[kept], places[kept]] = columns[kept]
    best_scores[rows[kept], places[kept]] = values[kept]
    return best, best_scores


def row_keys(rows: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.int64]:
    """What sorts by row, and the largest value first: int64 of their length. rows: 0 ≤ r < 2^31"""
    bits = (values + np.float32(0)).view(np.int32)  # -0 as 0
    rising = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)  # negative floats order against their bits
    return (rows << 32) - rising


def _sorted(
    scores: NDArray[np.float32], count: int, above: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """All of each row: nothing is to be left out, so a row is sorted by itself."""
    best = np.full((len(scores), count), -1, dtype=np.int32)
    best_scores = np.full((len(scores), count), np.nan, dtype=np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")
    values = np.take_along_axis(scores, order, axis=1)
    usable = values > above
    width = scores.shape[1]
    best[:, :width] = np.where(usable, order, -1)
    best_scores[:, :width] = np.where(usable, values, np.nan)
    return best, best_scores


def shortlist(
    scores: NDArray[np.float32], count: int, *, above: float = -np.inf
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(rows, columns, values) of all that may be among the ``count`` best of its row, row by row, columns ascending.

    As in `select_best`: it holds the best, and few others.
    """
    least = np.nextafter(np.float32(above), np.float32(np.inf))
    if not scores.size:
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
    floors = np.maximum(_floors(scores, min(count, scores.shape[1])), least)
    places = np.flatnonzero(scores >= floors[:, None])  # of one dimension: many times faster than of two
    rows = places // scores.shape[1]
    return rows, (places - rows * scores.shape[1]).astype(np.int32), scores.ravel()[places]


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
