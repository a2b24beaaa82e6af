"""The few items of each visitor that are worth ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.recommenders.selection import select_best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.snapshot import Snapshot
    from personalization.engine.two_stage.sources import FittedSource


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Parallel arrays (c,), ascending by visitor, then item.

    visitors, items : int64
    own    : bool  the visitor has the item
    scores : float32 (n_sources, c) in 0 … 1, what each source says
    """

    visitors: NDArray[np.int64]
    items: NDArray[np.int64]
    own: NDArray[np.bool_]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.visitors)

    def take(self, chosen: NDArray[Any]) -> Candidates:
        """Some of them: bool (c,), or int of which."""
        return Candidates(self.visitors[chosen], self.items[chosen], self.own[chosen], self.scores[:, chosen])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many each visitor has, in order, those without any left out."""
        return np.unique(self.visitors, return_counts=True)[1]

    def ranks(self) -> NDArray[np.float32]:
        """Place by each source among the visitor's candidates, 0 is best; NaN where it says nothing.

        float32 (n_sources, c); ties by the lower item row.
        """
        _, rows = np.unique(self.visitors, return_inverse=True)
        starts = np.concatenate(([0], np.cumsum(self.sizes)))[rows]
        ranks = np.empty(self.scores.shape, np.float32)
        for place, scores in enumerate(self.scores):
            order = np.argsort(2.0 * rows - scores, kind="stable")
            ranks[place, order] = np.arange(len(order)) - starts[order]
            ranks[place, scores <= 0] = np.nan
        return ranks


def find_candidates(
    snapshot: Snapshot,
    sources: Sequence[FittedSource],
    rows: NDArray[np.int64],
    *,
    listed: NDArray[np.int64],
) -> Candidates:
    """The best new items of each source, the listed ones, and all that the visitors have.

    Parameters
    ----------
    rows   : int64 (m,) visitor rows, ascending; scores of m · n_items are made for each source
    listed : int64 items that are candidates of everybody
    """
    own = np.zeros((len(rows), snapshot.n_items), np.bool_)
    of_rows = _entries(snapshot, rows)
    own[of_rows] = True
    chosen = own.copy()
    chosen[:, listed] = True
    barred = own | ~snapshot.sold
    every = np.empty((len(sources), len(rows), snapshot.n_items), np.float32)
    for place, source in enumerate(sources):
        every[place] = source.score(rows)
        if source.source.count:
            usable = np.where(every[place] > 0, every[place], np.float32(-np.inf))
            usable[barred] = -np.inf
            best, _ = select_best(usable, source.source.count)
            found = best >= 0
            chosen[np.nonzero(found)[0], best[found]] = True
    visitors, items = np.nonzero(chosen)
    return Candidates(rows[visitors], items, own[visitors, items], every[:, visitors, items])


def _entries(snapshot: Snapshot, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place among the rows, item) of everything that the visitors have."""
    owned = snapshot.owned
    places = np.full(snapshot.n_visitors, -1)
    places[rows] = np.arange(len(rows))
    kept = places[owned.visitors] >= 0
    return places[owned.visitors[kept]], owned.items[kept]
