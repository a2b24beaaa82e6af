"""The few items of each visitor that are worth ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.kernels.selection import select_best

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
    ranks  : float32 (n_sources, c), place by each source among the visitor's new candidates, 0 is best; of what it has,
             the place that it would take; NaN where the source says nothing; ties by the lower item row
    """

    visitors: NDArray[np.int64]
    items: NDArray[np.int64]
    own: NDArray[np.bool_]
    scores: NDArray[np.float32]
    ranks: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        visitors: NDArray[np.int64],
        items: NDArray[np.int64],
        own: NDArray[np.bool_],
        scores: NDArray[np.float32],
    ) -> Candidates:
        """With their ranks; they are all that the visitors are offered."""
        return cls(visitors, items, own, scores, _ranks(visitors, own, scores))

    def __len__(self) -> int:
        return len(self.visitors)

    def take(self, chosen: NDArray[Any]) -> Candidates:
        """Some of them: bool (c,), or int of which."""
        return type(self)(
            self.visitors[chosen],
            self.items[chosen],
            self.own[chosen],
            self.scores[:, chosen],
            self.ranks[:, chosen],
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many each visitor has, in order, those without any left out."""
        return np.unique(self.visitors, return_counts=True)[1]


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
    offered = (~own & snapshot.sold).astype(np.float32)
    every = np.empty((len(sources), len(rows), snapshot.n_items), np.float32)
    usable = np.empty_like(offered)
    for source, scores in zip(sources, every, strict=True):
        source.score(rows, out=scores)
        if source.source.count:
            np.multiply(scores, offered, out=usable)
            best, _ = select_best(usable, source.source.count, above=0)
            found = best >= 0
            chosen[np.nonzero(found)[0], best[found]] = True
    visitors, items = np.nonzero(chosen)
    return Candidates.of(rows[visitors], items, own[visitors, items], every[:, visitors, items])


def _ranks(
    visitors: NDArray[np.int64], own: NDArray[np.bool_], scores: NDArray[np.float32]
) -> NDArray[np.float32]:
    """As in `Candidates`."""
    ranks = np.empty(scores.shape, np.float32)
    first = np.searchsorted(visitors, visitors)
    rows = np.cumsum(np.diff(visitors, prepend=-1) != 0)  # small numbers, so that no score is rounded away
    for place, said in enumerate(scores):
        order = np.argsort(2.0 * rows - said, kind="stable")
        new = ~own[order]
        before: NDArray[np.int64] = np.cumsum(new) - new
        ranks[place, order] = before - before[first]
        ranks[place, said <= 0] = np.nan
    return ranks


def _entries(snapshot: Snapshot, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place among the rows, item) of everything that the visitors have."""
    owned = snapshot.owned
    places = np.full(snapshot.n_visitors, -1)
    places[rows] = np.arange(len(rows))
    kept = places[owned.visitors] >= 0
    return places[owned.visitors[kept]], owned.items[kept]
