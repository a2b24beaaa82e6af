"""Whether visitors come back for what they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.recommenders.own_items import occasions
from personalization.engine.recommenders.pairs import pair_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.interactions import Interactions

#: The last part of the time, of which it is asked what was taken again.
_WINDOW: Final = 0.25
#: How many items are offered there, of either kind.
_OFFERED: Final = 10


def loyalty(interactions: Interactions) -> float:
    """How well a visitor's own items do beside what is popular: 0 … 1.

    ``min(1, own / popular)``, learned from all but the last quarter of the time: ``own`` is how many of the up to ten
    items that each visitor had taken most often it took in that quarter, ``popular`` how many of the ten most popular
    that it did not have, each as a share of what was offered. 0: nobody takes anything twice, as with movies. Without
    times, or when nobody was there on both sides, the share of the pairs that stand several times decides: 1 from a
    twentieth on.
    """
    times = interactions.times
    if times is None or not len(times):
        return _of_counts(interactions)
    cut = int(times.max()) - int((int(times.max()) - int(times.min())) * _WINDOW)
    past = pair_matrix(occasions(interactions.take(times < cut, as_of=cut)), binary=False)
    later = pair_matrix(interactions.take(times >= cut, as_of=None))
    both = np.flatnonzero((np.diff(past.indptr) > 0) & (np.diff(later.indptr) > 0))
    if not len(both):
        return _of_counts(interactions)
    taken = _keys(later)
    own = np.isin(_own(past[both], both), taken).mean()
    offered = np.setdiff1d(_popular(past, both), _keys(past))
    popular = np.isin(offered, taken).mean() if len(offered) else 0.0
    return float(min(1.0, own / popular)) if popular > 0 else float(own > 0)


def _of_counts(interactions: Interactions) -> float:
    pairs = pair_matrix(interactions).nnz
    return min(1.0, 20 * (len(occasions(interactions)) - pairs) / pairs) if pairs else 0.0


def _own(past: csr_array[np.float64], visitors: NDArray[np.int64]) -> NDArray[np.int64]:
    """The items that each visitor took most, as keys; ties by the lower row."""
    sizes = np.diff(past.indptr)
    rows = np.repeat(np.arange(len(visitors)), sizes)
    order = np.lexsort((past.indices, -past.data, rows))
    places = np.arange(len(rows)) - np.repeat(past.indptr[:-1], sizes)
    chosen = order[places < _OFFERED]
    return visitors[rows[chosen]] * past.shape[1] + past.indices[chosen]


def _popular(past: csr_array[np.float64], visitors: NDArray[np.int64]) -> NDArray[np.int64]:
    """The items with the most visitors, for each visitor, as keys; ties by the lower row."""
    counts = np.bincount(past.indices, minlength=past.shape[1])
    best = np.argsort(-counts, kind="stable")[:_OFFERED]
    return (visitors[:, None] * past.shape[1] + best).ravel()


def _keys(pairs: csr_array[np.float64]) -> NDArray[np.int64]:
    visitors = np.repeat(np.arange(pairs.shape[0], dtype=np.int64), np.diff(pairs.indptr))
    return visitors * pairs.shape[1] + pairs.indices
