"""Ranked candidates as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.candidates import Candidates


def best_of(candidates: Candidates, scores: NDArray[np.float64], count: int) -> Candidates:
    """The ``count`` best candidates of each visitor, in order of visitor, then score; ties by the lower item row."""
    order = np.lexsort((candidates.items, -scores, candidates.visitors))
    visitors = candidates.visitors[order]
    places = np.arange(len(order)) - np.searchsorted(visitors, visitors)
    return candidates.take(order[places < count])


def rank_rows(lists: Sequence[Candidates], *, n_visitors: int, count: int) -> SparseRows:
    """Rows of visitors; the place r = 0, 1, … of an item is told as ``(count - r) / count``.

    What a ranker gives is an order, not a likelihood, and float16 would make ties of neighbors in it.

    Parameters
    ----------
    lists : of ascending visitors, each at most ``count`` long, best first
    """
    visitors = np.concatenate([part.visitors for part in lists]) if lists else np.empty(0, np.int64)
    items = np.concatenate([part.items for part in lists]) if lists else np.empty(0, np.int64)
    indptr = np.zeros(n_visitors + 1, np.int64)
    np.cumsum(np.bincount(visitors, minlength=n_visitors), out=indptr[1:])
    places = np.arange(len(visitors)) - indptr[visitors]
    return SparseRows(indptr, items.astype(np.int32), ((count - places) / count).astype(np.float32))
