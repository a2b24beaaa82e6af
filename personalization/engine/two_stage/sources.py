"""Where candidates come from: recommenders, each asked in its own way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.recommenders.hyperparameters import check_choice, check_whole
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender
    from personalization.engine.tables import Tables
    from personalization.engine.two_stage.snapshot import Snapshot

_SEEDS: Final = ("history", "last basket", "none")


@dataclass(frozen=True, slots=True)
class Source:
    """A recommender whose scores name candidates, and tell the ranker something of every candidate.

    Parameters
    ----------
    name        : of its columns; distinct among the sources of a ranker
    recommender : what is learned at each instant
    count       : candidates that it names for each visitor, ≥ 0; 0: it only tells
    seeds       : items of a visitor that speak through the recommender's item table: "history", all of them, or
                  "last basket"; "none": the rows that it learned for each visitor are read
    by_basket   : learn from baskets as if each were a visitor: what goes together in one order
    strongest   : an item's score is the largest that a seed gives it, instead of the sum
    prior       : add the recommender's share of what is popular, as serving does
    content     : only where the catalog has titles
    timeless    : what it learns is the same at every instant, because it looks at the catalog alone
    """

    name: str
    recommender: Recommender
    count: int
    seeds: str = "history"
    by_basket: bool = False
    strongest: bool = False
    prior: bool = False
    content: bool = False
    timeless: bool = False

    def __post_init__(self) -> None:
        check_whole("count", self.count, minimum=0)
        check_choice("seeds", self.seeds, _SEEDS)

    @property
    def lesson(self) -> tuple[Recommender, bool]:
        """What is learned: sources of the same lesson ask the same tables."""
        return self.recommender, self.by_basket

    def learn(self, snapshot: Snapshot) -> Tables:
        recommender = self.recommender if self.seeds == "none" else self.recommender.without_rows()
        return recommender.fit(_basket_rows(snapshot) if self.by_basket else snapshot.events).tables()

    def ask(self, tables: Tables, snapshot: Snapshot) -> FittedSource:
        """The source with tables that were learned at that instant."""
        prior = _prior(tables, snapshot.n_items) if self.prior else None
        if self.seeds == "none":
            rows = _matrix(tables.visitors, snapshot.n_visitors, snapshot.n_items)
            return FittedSource(self, rows, None, prior)
        table = _matrix(tables.weights, snapshot.n_items, snapshot.n_items)
        return FittedSource(self, table, _seed_matrix(snapshot, latest=self.seeds == "last basket"), prior)


@dataclass(frozen=True, slots=True, eq=False)
class FittedSource:
    """What a source learned at an instant.

    table : float32 CSR (n_items, n_items) by seed item, or (n_visitors, n_items) without seeds
    seeds : float32 CSR (n_visitors, n_items) of ones
    prior : float32 (n_items,), added to scores of which the largest is 1
    """

    source: Source
    table: csr_array[np.float32]
    seeds: csr_array[np.float32] | None
    prior: NDArray[np.float32] | None

    def score(self, rows: NDArray[np.int64], *, out: NDArray[np.float32]) -> None:
        """Into ``out``, float32 (m, n_items): each visitor's scores divided by the largest, 0 where there is none."""
        if self.seeds is None:
            self.table[rows].toarray(out=out)
        elif self.source.strongest:
            _strongest(self.seeds[rows], self.table, out)
        else:
            (self.seeds[rows] @ self.table).toarray(out=out)
        np.maximum(out, 0, out=out)
        _scale(out)
        if self.prior is not None:
            out += self.prior
            _scale(out)


def _scale(scores: NDArray[np.float32]) -> None:
    """Divide each row by its largest score, if there is one above 0."""
    top = scores.max(axis=1, initial=0, keepdims=True)
    np.divide(scores, np.where(top > 0, top, np.float32(1)), out=scores)


def _prior(tables: Tables, n_items: int) -> NDArray[np.float32]:
    """What serving adds to the score of each item: float32 (n_items,)."""
    prior = np.zeros(n_items, np.float32)
    if tables.ranking is not None:
        prior[tables.ranking.items] = tables.prior_share * tables.ranking.scores
    return prior


def _strongest(seeds: csr_array[np.float32], table: csr_array[np.float32], out: NDArray[np.float32]) -> None:
    """Into ``out``, float32 (m, n_items): the largest entry over the seeds of each row."""
    starts, counts = table.indptr[seeds.indices], np.diff(table.indptr)[seeds.indices]
    visitors = np.repeat(np.repeat(np.arange(seeds.shape[0]), np.diff(seeds.indptr)), counts)
    before = np.cumsum(counts) - counts
    entries = np.arange(len(visitors)) + np.repeat(starts - before, counts)
    out[:] = 0
    np.maximum.at(out, (visitors, table.indices[entries]), table.data[entries])


def _matrix(table: SparseRows | None, rows: int, columns: int) -> csr_array[np.float32]:
    if table is None:
        table = SparseRows(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    return csr_array((table.values, table.indices, table.indptr), shape=(rows, columns))


def _seed_matrix(snapshot: Snapshot, *, latest: bool) -> csr_array[np.float32]:
    """1 for each item of a visitor's history, or of its latest basket."""
    owned = snapshot.owned
    kept = owned.place == 0 if latest else np.ones(len(owned.keys), np.bool_)
    parts = (np.ones(int(kept.sum()), np.float32), (owned.visitors[kept], owned.items[kept]))
    return csr_array(parts, shape=(snapshot.n_visitors, snapshot.n_items))


def _basket_rows(snapshot: Snapshot) -> Interactions:
    """The same entries, each basket a visitor of its own."""
    baskets = snapshot.baskets
    return replace(
        snapshot.events, visitors=baskets.of_entry.astype(np.int32), n_visitors=len(baskets.visitors)
    )
