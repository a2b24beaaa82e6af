"""Popularity: the same list for everybody, and the baseline that everything else must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import Ranking, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Popularity(Recommender):
    """Ranks items by their distinct visitors.

    ``p(i) = Σ_{u has i} exp(-age(u, i) / decay_days)``, age of the latest event of the pair in days; without decay
    the number of distinct visitors. ``score = p / max(p)``, linear, so that it reads as a share of the best item.
    Every item that anybody has is listed; one that nobody has is not popular and is left out.

    Parameters
    ----------
    decay_days : time constant in days (14 keeps about the last three weeks); None: all time

    Raises
    ------
    InvalidInputError naming the parameter.
    """

    decay_days: float | None = None

    def __post_init__(self) -> None:
        check_days("decay_days", self.decay_days)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        return FittedTables(Tables(ranking=rank_items(shares(pairs), pairs)), pairs)


def shares(pairs: csr_array[np.float64]) -> NDArray[np.float64]:
    """The sum of each column divided by the largest one: float64 (n_items,) in 0 … 1."""
    sums = totals(pairs)
    return sums / (sums.max(initial=0.0) or 1.0)


def totals(pairs: csr_array[np.float64]) -> NDArray[np.float64]:
    """The sum of each column: float64 (n_items,)."""
    return np.bincount(pairs.indices, pairs.data, minlength=pairs.shape[1]).astype(np.float64, copy=False)


def rank_items(scores: NDArray[np.float64], pairs: csr_array[np.float64]) -> Ranking:
    """The items that anybody has, best score first, ties by the lower row."""
    listed = np.flatnonzero(np.bincount(pairs.indices, minlength=pairs.shape[1]))
    rounded = scores[listed].astype(np.float32)
    order = np.lexsort((listed, -rounded))
    return Ranking(listed[order].astype(np.int32), rounded[order])
