"""The best of what needs no learned ranker: likeness, words, what sells now, what is new, and what a visitor comes back for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.freshness import freshness
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.loyalty import loyalty
from personalization.engine.recommenders.own_items import own_shares
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.recommenders.repeat_rows import LEAST_LOYALTY, repeat_rows
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.trend import trend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import Ranking, SparseRows

#: Every visitor is scored against every item beforehand: more pairs than that take longer than the table.
MOST_CELLS: Final = 2_000_000_000
#: Bytes of a kept entry while rows are put together.
_ROW_ENTRY: Final = 16
#: Of these options a share of 0 leaves the part out.
_SHARES: Final = (
    "popularity_share",
    "freshness_share",
    "trend_share",
    "own_share",
    "month_share",
    "week_share",
    "table_share",
)


@dataclass(frozen=True, eq=False)
class FittedBlend(FittedTables):
    """What `ShopBlend` learned.

    table   : "ease", or "rp3beta" where the catalog is too large for the former
    loyalty : as in `loyalty.loyalty`
    """

    table: str = "ease"
    loyalty: float = 0.0


@dataclass(frozen=True, slots=True)
class ShopBlend(Recommender):
    """Both goals of a shop from one table: what is new to a visitor, and what it takes next, old or new.

    New items, as a request computes them: ``s / max(s) + popularity_share · logpop(popularity_days) + freshness_share ·
    fresh · logpop(popularity_days) + trend_share · trend``, s the sum of `EASE` weights learned from recent pairs and the catalog's words,
    ``logpop(d) = log1p(100 · p / max(p)) / log(101)`` with p as in `Popularity(d)`, `freshness` and `trend` as in their
    modules. The terms of the items alone are one ranking, the prior.

    Any item, a row for each visitor (`repeat_rows`): ``own_share · loyalty · own + month_share · logpop(30) + week_share
    · logpop(7) + table_share · s / max(s)``, own as in `own_items.own_shares`.

    Without a catalog words are left out, without times decay and trend. A catalog whose matrix the memory budget
    does not hold gets the table of `RP3beta`; `FittedBlend.table` says which it was. Rows that the budget does not hold,
    or that would take more than `MOST_CELLS` scores, are left out, and the table serves both goals.

    Parameters
    ----------
    regularization, neighbors, decay_days, content_weight, memory_budget_mb : as in `EASE`
    popularity_share, popularity_days : recent popularity in the prior
    freshness_share, freshness_days   : how much new items that sell are put forward; time constant of `freshness`
    trend_share, trend_days, trend_base_days : how much rising items are, and the two windows of `trend`
    own_share, month_share, week_share, table_share : weights of the row for any item
    list_length      : items of that row, ≥ 1

    Raises
    ------
    InvalidInputError naming the parameter.

    How the defaults were chosen stands in docs/explanation/evaluation.md.
    """

    regularization: float = 300.0
    neighbors: int = 50
    decay_days: float | None = 120.0
    content_weight: float = 4.0
    popularity_share: float = 0.3
    popularity_days: float | None = 14.0
    freshness_share: float = 0.3
    freshness_days: float = 60.0
    trend_share: float = 0.3
    trend_days: float = 14.0
    trend_base_days: float = 60.0
    own_share: float = 1.0
    month_share: float = 0.3
    week_share: float = 0.4
    table_share: float = 0.3
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        self.ease()
        check_whole("neighbors", self.neighbors, minimum=1)
        for name in _SHARES:
            check_real(name, getattr(self, name), inclusive=True)
        check_days("popularity_days", self.popularity_days)
        for name in ("freshness_days", "trend_days", "trend_base_days"):
            check_real(name, getattr(self, name))
        check_whole("list_length", self.list_length, minimum=1)

    def fit(self, interactions: Interactions) -> FittedBlend:
        personal, table = self._personal(interactions)
        ranking, share = self.prior(interactions)
        again, faith = self.again(personal, interactions)
        tables = replace(personal.learned, ranking=ranking, repeats=again, prior_share=share)
        return FittedBlend(tables, personal.history, table=table, loyalty=faith)

    def without_rows(self) -> ShopBlend:
        return replace(self, own_share=0.0, month_share=0.0, week_share=0.0, table_share=0.0)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables take in the database."""
        return self.ease().table_bytes(n_items)

    def prior(self, interactions: Interactions) -> tuple[Ranking, float]:
        """The terms of the items as one ranking in 0 … 1, and how much of it is added."""
        listed = pair_matrix(interactions)
        popular = _log_popularity(interactions, self.popularity_days)
        share = self.popularity_share + self.freshness_share + self.trend_share
        if share == 0:
            return rank_items(popular, listed), 0.0
        terms = (
            self.popularity_share * popular
            + self.freshness_share * popular * freshness(interactions, days=self.freshness_days)
            + self.trend_share * trend(interactions, days=self.trend_days, base_days=self.trend_base_days)
        )
        return rank_items(terms / share, listed), share

    def again(self, personal: FittedTables, interactions: Interactions) -> tuple[SparseRows | None, float]:
        """The rows for any item and the loyalty that they were made with; no rows where they would be too many."""
        faith = loyalty(interactions)
        weights = personal.learned.weights
        wanted = any((self.own_share, self.month_share, self.week_share, self.table_share))
        if weights is None or not wanted or not self._rows_fit(interactions):
            return None, faith
        rows = repeat_rows(
            own_shares(interactions),
            weights,
            self._of_any_item(interactions),
            own_share=self.own_share * (faith if faith >= LEAST_LOYALTY else 0.0),
            table_share=self.table_share,
            count=self.list_length,
        )
        return rows, faith

    def _rows_fit(self, interactions: Interactions) -> bool:
        n_visitors, n_items = interactions.n_visitors, interactions.n_items
        kept = _ROW_ENTRY * n_visitors * min(self.list_length, n_items)
        return n_visitors * n_items <= MOST_CELLS and kept <= self.memory_budget_mb * (1 << 20)

    def _of_any_item(self, interactions: Interactions) -> NDArray[np.float64]:
        return self.month_share * _log_popularity(interactions, 30.0) + self.week_share * _log_popularity(
            interactions, 7.0
        )

    def _personal(self, interactions: Interactions) -> tuple[FittedTables, str]:
        try:
            return self.ease().fit(interactions), "ease"
        except InvalidInputError as error:
            if error.field != "memory_budget_mb":
                raise
        smaller = RP3beta(
            neighbors=self.neighbors, decay_days=self.decay_days, memory_budget_mb=self.memory_budget_mb
        )
        return smaller.fit(interactions), "rp3beta"

    def ease(self) -> EASE:
        """The table that is learned where the memory holds its matrix."""
        return EASE(
            regularization=self.regularization,
            neighbors=self.neighbors,
            decay_days=self.decay_days,
            content_weight=self.content_weight,
            memory_budget_mb=self.memory_budget_mb,
        )


def _log_popularity(interactions: Interactions, days: float | None) -> NDArray[np.float64]:
    """``log1p(100 · p / max(p)) / log(101)``: float64 (n_items,) in 0 … 1."""
    return np.asarray(np.log1p(100 * shares(pair_matrix(interactions, decay_days=days))) / np.log(101))
