from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auc(
    hits: NDArray[np.bool_],
    misses: NDArray[np.bool_],
    scores: NDArray[np.float32],
    relevant: NDArray[np.int64],
    candidates: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How often a relevant item scores above one that is not: ``(pairs in order + ½ · ties) / all pairs``.

    Of the whole order, not of the top of it: equal scores tie, and so do all candidates that the list lacks, behind
    those that it has.

    hits, misses bool (m, n): the place holds a relevant candidate, another candidate; scores float32 (m, n)
    descending, anything where there is neither; relevant int64 (m,) > 0; candidates int64 (m,) ≥ relevant, listed or
    not → float64 (m,) in 0 … 1; ½ where every candidate is relevant.
    Rendle et al., BPR, UAI 2009 (4.1.1); ties as in Hanley and McNeil, Radiology 1982.
    """
    others = np.maximum(candidates - relevant, 0)
    before = np.concatenate([np.zeros((len(hits), 1), np.int64), misses.cumsum(axis=1)], axis=1)
    first, after = _ties(scores)
    rows, places = np.nonzero(hits)
    passed = before[rows, first[rows, places]] + before[rows, after[rows, places]]
    listed = np.bincount(rows, others[rows] - passed / 2, minlength=len(hits))
    outside = (relevant - hits.sum(axis=1)) * (others - before[:, -1]) / 2
    pairs = relevant * others
    return np.where(pairs > 0, (listed + outside) / np.maximum(pairs, 1), 0.5)


def _ties(scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each place, the first one with the same score and the one after the last such: int64 (m, n) each."""
    m, n = scores.shape
    places = np.broadcast_to(np.arange(n), (m, n))
    border = np.ones((m, n + 1), dtype=np.bool_)
    border[:, 1:n] = scores[:, 1:] != scores[:, :-1]
    first = np.maximum.accumulate(np.where(border[:, :n], places, 0), axis=1)
    last = np.where(border[:, 1:], places + 1, n)[:, ::-1]
    return first, np.minimum.accumulate(last, axis=1)[:, ::-1]
