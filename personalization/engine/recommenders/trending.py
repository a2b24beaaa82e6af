"""What sells better than it used to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_real
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, totals
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Trending(Recommender):
    """Ranks items by how much more they are taken now than usual.

    ``growth(i) = (now(i) + shrinkage) / (expected(i) + shrinkage)``, ``expected(i) = usual(i) · Σ now / Σ usual``, with
    ``now(i) = Σ_{u has i} exp(-age(u, i) / recent_days)`` and usual the same of ``usual_days``: the shop as a whole
    does not trend, an item does that takes a larger share of it. ``score = growth / max(growth)``. A few visitors prove
    little: shrinkage draws what few have toward 1. Without times everything grows alike.

    Parameters
    ----------
    recent_days : time constant in days of what is now, > 0
    usual_days  : time constant in days of what is usual, > recent_days
    shrinkage   : so many visitors are added on both sides, > 0

    Raises
    ------
    InvalidInputError naming the parameter.

    The ratio and its shrinkage are those of DuMouchel, Bayesian data mining in large frequency tables, The American
    Statistician 1999, with one gamma prior.
    """

    recent_days: float = 14.0
    usual_days: float = 120.0
    shrinkage: float = 10.0

    def __post_init__(self) -> None:
        check_real("recent_days", self.recent_days)
        check_real("usual_days", self.usual_days)
        if self.usual_days <= self.recent_days:
            raise InvalidInputError("usual_days", f"expected more than recent_days, {self.recent_days:g}")
        check_real("shrinkage", self.shrinkage)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.usual_days)
        growth = self._growth(totals(pair_matrix(interactions, decay_days=self.recent_days)), totals(pairs))
        return FittedTables(Tables(ranking=rank_items(growth / growth.max(initial=1.0), pairs)), pairs)

    def _growth(self, now: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = usual.sum()
        expected = usual * (now.sum() / whole if whole > 0 else 0.0)
        growth: NDArray[np.float64] = (now + self.shrinkage) / (expected + self.shrinkage)
        return growth
