"""Repeat purchase: what a person buys again and again, when it is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.kernels.visitor_rows import rows_of
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.baskets import find_baskets
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_days,
    check_real,
    check_share,
    check_whole,
)
from personalization.engine.recommenders.pairs import ages, pair_matrix, present
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.tables import Tables
from personalization.engine.types import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

#: So many purchases of the average item are added to those of each, before it is said how often it is bought again.
_PURCHASES: Final = 20.0


@dataclass(frozen=True, slots=True)
class RepeatPurchase(Recommender):
    """Scores what a visitor has bought by how surely it is bought again, and now.

    ``score(u, i) = c · √(p · r) · (1 - due_share · m / (m + shrinkage) · (1 - min(1, age / gap)))`` with

    - c = Σ over the purchases of i by u of ``exp(-age / decay_days)``, n of them, m = n - 1;
    - p the score of `Popularity(popularity_days)`: is it still bought at all;
    - r, the share of the purchases of i that are repeats, with 20 purchases of the average item added;
    - age of the latest purchase, and gap, the mean time between purchases: ``(m · own + shrinkage · g) / (m +
      shrinkage)``, g the same of all who bought i twice or more, itself shrunk to the mean of all items.

    Purchases in one order, or at one instant, are one. Where kinds are known only purchases count. Where nobody ever
    bought anything twice, r is 0 and nothing is said. For "all items" only (`Tables.repeats`); what is new to a
    visitor comes from the ranking.

    Parameters
    ----------
    decay_days      : time constant in days by which old purchases lose value; None: never
    popularity_days : as `Popularity.decay_days`
    due_share       : how much of the score something just bought loses, when the own rhythm is sure; 0 … 1
    shrinkage       : so many gaps of the average visitor are added to the visitor's own, > 0
    list_length     : items that are kept for each visitor, ≥ 1

    Raises
    ------
    InvalidInputError naming the parameter.

    After Bhagat, Muralidharan, Lobzhanidze and Vishwanath, Buy it again: modeling repeat purchase recommendations,
    KDD 2018, with the rates of purchase in closed form.
    """

    decay_days: float | None = 240.0
    popularity_days: float | None = 30.0
    due_share: float = 0.5
    shrinkage: float = 3.0
    list_length: int = 100

    def __post_init__(self) -> None:
        check_days("decay_days", self.decay_days)
        check_days("popularity_days", self.popularity_days)
        check_share("due_share", self.due_share)
        check_real("shrinkage", self.shrinkage)
        check_whole("list_length", self.list_length, minimum=1)

    def fit(self, interactions: Interactions) -> FittedTables:
        recent = pair_matrix(interactions, decay_days=self.popularity_days)
        popular = shares(recent)
        bought = _Purchases.of(_bought(interactions))
        scores = bought.counts(self.decay_days) * np.sqrt(popular[bought.items] * bought.repeated())
        repeats = rows_of(
            bought.visitors,
            bought.items,
            scores * self._due(bought),
            n_visitors=interactions.n_visitors,
            count=self.list_length,
        )
        return FittedTables(Tables(repeats=repeats, ranking=rank_items(popular, recent)), recent)

    def _due(self, bought: _Purchases) -> NDArray[np.float64]:
        again = bought.n - 1
        sure = again / (again + self.shrinkage)
        gaps = bought.gaps(self.shrinkage)
        waited = np.divide(bought.age, gaps, out=np.ones_like(gaps), where=gaps > bought.age)
        return np.asarray(1 - self.due_share * sure * (1 - waited))


@dataclass(frozen=True, slots=True, eq=False)
class _Purchases:
    """Distinct (visitor, item) pairs with their purchases.

    visitors, items : int64 (pairs,), int32 (pairs,)
    n        : int64 (pairs,)  purchases, ≥ 1
    age      : float64 (pairs,)  days since the latest
    span     : float64 (pairs,)  days from the first to the latest
    each     : float64  days since each purchase; those of pair j begin at ``starts[j]``
    starts   : int64 (pairs,)
    n_items  : size of the vocabulary
    """

    visitors: NDArray[np.int64]
    items: NDArray[np.int32]
    n: NDArray[np.int64]
    age: NDArray[np.float64]
    span: NDArray[np.float64]
    each: NDArray[np.float64]
    starts: NDArray[np.int64]
    n_items: int

    @classmethod
    def of(cls, interactions: Interactions) -> _Purchases:
        baskets = find_baskets(interactions)
        owners = np.repeat(np.arange(len(baskets)), np.diff(baskets.items.indptr))
        width = max(interactions.n_items, 1)
        keys = baskets.visitors[owners] * width + baskets.items.indices
        order = np.lexsort((baskets.times[owners], keys))
        keys, each = keys[order], ages(baskets.times[owners][order], present(interactions))
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        n = np.diff(np.append(starts, len(keys)))
        visitors, items = np.divmod(keys[starts], width)
        age = each[starts + n - 1]
        span = each[starts] - age
        return cls(visitors, items.astype(np.int32), n, age, span, each, starts, interactions.n_items)

    def counts(self, days: float | None) -> NDArray[np.float64]:
        """Σ exp(-age / days) of each pair."""
        if days is None or not len(self.starts):
            return self.n.astype(np.float64)
        return np.add.reduceat(np.exp(-self.each / days), self.starts)

    def repeated(self) -> NDArray[np.float64]:
        """Of each pair's item, which share of its purchases were not the first of their visitor."""
        again, every = self._by_item(self.n - 1), self._by_item(self.n)
        average = again.sum() / max(every.sum(), 1.0)
        return np.asarray(((again + _PURCHASES * average) / (every + _PURCHASES))[self.items])

    def gaps(self, shrinkage: float) -> NDArray[np.float64]:
        """Days between two purchases of each pair."""
        spans, again = self._by_item(self.span), self._by_item(self.n - 1)
        average = spans.sum() / max(again.sum(), 1.0)
        usual = (spans + shrinkage * average) / (again + shrinkage)
        return np.asarray((self.span + shrinkage * usual[self.items]) / (self.n - 1 + shrinkage))

    def _by_item(self, values: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self.items, values, minlength=self.n_items).astype(np.float64)


def _bought(interactions: Interactions) -> Interactions:
    """The purchases, as of the same instant; all entries where kinds are unknown. Without times or orders each entry
    is a purchase of its own."""
    bought = interactions
    if interactions.kinds is not None:
        bought = interactions.take(interactions.kinds == Kind.PURCHASE, as_of=present(interactions))
    if bought.times is None and bought.orders is None:
        return replace(bought, orders=np.arange(len(bought), dtype=np.int64))
    return bought
