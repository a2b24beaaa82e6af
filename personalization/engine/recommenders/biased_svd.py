"""Matrix factorization for what people said: ratings, as a mean, two biases and a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.factors import check_memory, cosine_neighbors
from personalization.engine.kernels.least_squares import solve_rows
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_choice, check_real, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.recommenders.rating_matrix import rating_matrix
from personalization.engine.recommenders.rating_predictor import check_pairs
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

_SOURCES: Final = ("ratings", "weights")
#: Steps of conjugate gradients of a sweep.
_STEPS: Final = 3
#: The deviation of a product of factors to begin with.
_START: Final = 0.1


@dataclass(frozen=True, slots=True)
class BiasedSVD(Recommender):
    """Predicts ratings, and recommends what a visitor would rate above the own average.

    ``r̂_ui = mean + b_u + b_i + p_u · q_i``, with the least ``Σ (r_ui - r̂_ui)² + regularization · Σ_u n_u (b_u² + |p_u|²)
    + regularization · Σ_i n_i (b_i² + |q_i|²)`` over the pairs that were rated, n the number of ratings. Visitors and
    items are solved in turn, each bias together with its factors. What is NaN is no rating; of several of a pair the
    newest counts.

    Lists go by ``n_i / (n_i + floor) · (r̂_ui - mean - b_u)``: an item that two visitors love has to wait for more of
    them. Only what is above 0 is listed; who has no such item is offered what is popular.

    Parameters
    ----------
    factors          : length of the vectors, ≥ 1
    iterations       : sweeps over both sides, ≥ 1
    regularization   : > 0, for each rating
    source           : "ratings" of the interactions with their dislikes, or their "weights" where those are the ratings
    floor            : ratings from which on an item is half believed, ≥ 0
    neighbors        : similar items that are kept for each
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    seed             : of the factors to begin with, ≥ 0
    memory_budget_mb : factors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Koren, Bell and Volinsky, Matrix factorization techniques for recommender systems, Computer 2009; Zhou et al.,
    Large-scale parallel collaborative filtering for the Netflix prize, AAIM 2008 (alternating least squares).
    """

    factors: int = 32
    iterations: int = 20
    regularization: float = 0.15
    source: str = "ratings"
    floor: float = 10.0
    neighbors: int = 100
    list_length: int = 100
    seed: int = 0
    memory_budget_mb: float = 1024

    def __post_init__(self) -> None:
        for field in ("factors", "iterations", "neighbors", "list_length"):
            check_whole(field, getattr(self, field), minimum=1)
        check_real("regularization", self.regularization)
        check_choice("source", self.source, _SOURCES)
        check_real("floor", self.floor, inclusive=True)
        check_whole("seed", self.seed, minimum=0)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedSVD:
        history = pair_matrix(interactions)
        check_memory(
            history,
            factors=self.factors,
            neighbors=self.neighbors,
            listed=self.list_length,
            budget_mb=self.memory_budget_mb,
        )
        ratings = rating_matrix(interactions, source=self.source)
        mean = float(ratings.data.mean()) if ratings.nnz else float("nan")
        visitors, items = self._factorize(ratings, mean)
        believed = np.bincount(ratings.indices, minlength=ratings.shape[1]).astype(np.float32)
        believed /= np.maximum(believed + np.float32(self.floor), 1)

        def score(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            above = (visitors[rows, :-1] @ items[:, :-1].T + items[:, -1]) * believed
            return np.where(above > 0, above, np.float32(-np.inf))

        tables = Tables(
            neighbors=cosine_neighbors(items[:, :-1], self.neighbors),
            ranking=rank_items(shares(history), history),
            visitors=keep_best(score, history, self.list_length),
        )
        scale = (float(ratings.data.min()), float(ratings.data.max())) if ratings.nnz else (mean, mean)
        return FittedSVD(tables, history, mean, visitors, items, scale)

    def _factorize(
        self, ratings: csr_array[np.float32], mean: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Factors, and the bias in the last column: float32 (n_visitors, f + 1) and (n_items, f + 1)."""
        centered = csr_array(
            (ratings.data - np.float32(mean), ratings.indices, ratings.indptr), ratings.shape
        )
        turned = csr_array(centered.T.tocsr())
        visitors = np.zeros((ratings.shape[0], self.factors + 1), dtype=np.float32)
        shape = (ratings.shape[1], self.factors + 1)
        items = np.random.default_rng(self.seed).standard_normal(shape, dtype=np.float32)
        items *= np.float32(np.sqrt(_START / self.factors))
        items[:, -1] = 0
        for _ in range(self.iterations):
            self._sweep(centered, items, visitors)
            self._sweep(turned, visitors, items)
        return visitors, items

    def _sweep(
        self, centered: csr_array[np.float32], fixed: NDArray[np.float32], solved: NDArray[np.float32]
    ) -> None:
        """Solve factors and bias of each row at once: the bias is the factor of a column of ones."""
        sides, biases = fixed.copy(), fixed[:, -1]
        sides[:, -1] = 1
        counts = np.diff(centered.indptr)
        parts = (np.ones_like(centered.data), centered.indices, centered.indptr)
        entries: csr_array[np.float32] = csr_array(parts, centered.shape)
        targets = centered.data - biases[centered.indices]
        penalties = (self.regularization * np.maximum(counts, 1)).astype(np.float32)
        nothing = np.zeros((fixed.shape[1], fixed.shape[1]), dtype=np.float32)
        solve_rows(entries, targets, sides, nothing, penalties, solved, steps=_STEPS)


@dataclass(frozen=True, eq=False)
class FittedSVD(FittedTables):
    """The tables, and what ratings are predicted from; a `RatingPredictor`.

    mean            : of all ratings, NaN when there were none
    visitor_factors : float32 (n_visitors, f + 1), p and in the last column b
    item_factors    : float32 (n_items, f + 1), q and in the last column b
    scale           : the least and the largest rating
    """

    mean: float
    visitor_factors: NDArray[np.float32]
    item_factors: NDArray[np.float32]
    scale: tuple[float, float]

    def predict(self, visitors: NDArray[Any], items: NDArray[Any]) -> NDArray[np.float32]:
        """See `RatingPredictor`; nothing beyond the scale. Who or what was never rated has a bias of 0."""
        rows, columns = check_pairs(
            visitors, items, shape=(len(self.visitor_factors), len(self.item_factors))
        )
        left, right = self.visitor_factors[rows], self.item_factors[columns]
        products = np.einsum("ij,ij->i", left[:, :-1], right[:, :-1])
        predicted = self.mean + left[:, -1] + right[:, -1] + products
        bounded: NDArray[np.float32] = np.clip(predicted, *self.scale).astype(np.float32)
        return bounded
