"""Matrix factorization for what people did: implicit feedback by alternating least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.dense_table import keep_largest
from personalization.engine.kernels.factors import check_memory, cosine_neighbors, listed_rows
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.least_squares import solve_rows
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_days,
    check_flag,
    check_real,
    check_whole,
)
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import SparseRows

#: Steps of a sweep, as `implicit` takes them, and of the last one, which solves the equations.
_STEPS: Final = 3
_LAST_STEPS: Final = 12
#: How much of what chance makes is taken off.
_CHANCE: Final = 0.65
#: Items whose factors are looked at with double precision at once.
_EXACT: Final = 4_096
#: The deviation of the factors to begin with.
_START: Final = np.float32(0.01)


@dataclass(frozen=True, slots=True)
class ImplicitALS(Recommender):
    """Scores an item by the product of two short vectors that explain who has what.

    ``min Σ_ui c_ui (p_ui - x_u · y_i)² + Σ_u λ_u |x_u|² + Σ_i λ_i |y_i|²`` over *all* pairs: p is 1 where u has i, else
    0, and the confidence c is ``1 + alpha · value``, value of `pairs.pair_matrix`, 0 where u does not have i. The sides
    are solved in turn by conjugate gradients. ``λ_u = regularization · ((a_u + n_items) / mean)^scaling`` with
    ``a_u = Σ_i alpha · value_ui`` and the mean over visitors; items alike.

    Parameters
    ----------
    factors          : length of the vectors, ≥ 1
    iterations       : sweeps over both sides, ≥ 1
    regularization   : > 0; None: `regularization_for` these pairs, so that small and large shops do with the same options
    alpha            : > 0
    scaling          : 0: everybody's vector is held back alike; 1: by how much is known of it
    binary           : as in `ItemKNN`
    decay_days       : as in `ItemKNN`; a pair becomes less sure, not less liked
    neighbors        : sources that each target keeps
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    seed             : of the factors to begin with, ≥ 0
    memory_budget_mb : factors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008; Takács, Pilászy and Tikk,
    RecSys 2011 (conjugate gradients); Rendle et al., iALS++, 2021 (scaling).
    """

    factors: int = 128
    iterations: int = 15
    regularization: float | None = None
    alpha: float = 3.0
    scaling: float = 0.0
    binary: bool = True
    decay_days: float | None = None
    neighbors: int = 100
    list_length: int = 100
    seed: int = 0
    memory_budget_mb: float = 1024

    def __post_init__(self) -> None:
        for field in ("factors", "iterations", "neighbors", "list_length"):
            check_whole(field, getattr(self, field), minimum=1)
        if self.regularization is not None:
            check_real("regularization", self.regularization)
        check_real("alpha", self.alpha)
        check_real("scaling", self.scaling, inclusive=True)
        check_flag("binary", self.binary)
        check_days("decay_days", self.decay_days)
        check_whole("seed", self.seed, minimum=0)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedALS:
        pairs = pair_matrix(interactions, binary=self.binary, decay_days=self.decay_days)
        check_memory(
            pairs,
            factors=self.factors,
            neighbors=self.neighbors,
            listed=self.list_length,
            budget_mb=self.memory_budget_mb,
        )
        visitors, items = self.factorize(pairs)
        popular = pair_matrix(interactions)
        tables = Tables(
            neighbors=cosine_neighbors(items, self.neighbors),
            weights=self._weights(items, self.regularization_for(pairs)),
            ranking=rank_items(shares(popular), popular),
            visitors=listed_rows(visitors, items, pairs, self.list_length),
        )
        return FittedALS(tables, pairs, self, visitors, items)

    def factorize(self, pairs: csr_array[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The factors alone: float32 (n_visitors, f) and (n_items, f).

        pairs : CSR (n_visitors, n_items), values ≥ 0
        """
        sure = (self.alpha * pairs.data).astype(np.float32)
        extra: csr_array[np.float32] = csr_array((sure, pairs.indices, pairs.indptr), shape=pairs.shape)
        turned: csr_array[np.float32] = csr_array(extra.T.tocsr())
        items = np.random.default_rng(self.seed).standard_normal(
            (pairs.shape[1], self.factors), dtype=np.float32
        )
        items *= _START
        visitors = np.zeros((pairs.shape[0], self.factors), dtype=np.float32)
        strength = self.regularization_for(pairs)
        of_visitors, of_items = self._penalties(extra, strength), self._penalties(turned, strength)
        for _ in range(self.iterations):
            solve_rows(extra, 1 + extra.data, items, items.T @ items, of_visitors, visitors, steps=_STEPS)
            solve_rows(
                turned, 1 + turned.data, visitors, visitors.T @ visitors, of_items, items, steps=_STEPS
            )
        solve_rows(extra, 1 + extra.data, items, items.T @ items, of_visitors, visitors, steps=_LAST_STEPS)
        return visitors, items

    def regularization_for(self, pairs: csr_array[np.float64]) -> float:
        """``regularization``, or where it is None ``0.65 (1 + alpha) (√(n / n_visitors) + √(n / n_items))`` of n pairs.

        The sum of the two roots is about the largest singular value that n pairs at random have, less their mean: what
        lies below it is not to be told from chance. (Marchenko and Pastur 1967; found by trying on several shops.)
        """
        if self.regularization is not None:
            return self.regularization
        sides = sum(math.sqrt(pairs.nnz / max(size, 1)) for size in pairs.shape)
        return max(_CHANCE * (1 + self.alpha) * sides, 1.0)

    def _penalties(self, extra: csr_array[np.float32], strength: float) -> NDArray[np.float32]:
        known = np.asarray(extra.sum(axis=1), dtype=np.float64) + extra.shape[1]
        scaled = strength * (known / (known.mean() if len(known) else 1.0)) ** self.scaling
        return scaled.astype(np.float32)

    def _weights(self, items: NDArray[np.float32], strength: float) -> SparseRows:
        """What a history of one item alone gives: ``w_st = (1 + alpha) y_t' G⁻¹ y_s / (1 + alpha y_s' G⁻¹ y_s)``."""
        parts = [slice(start, start + _EXACT) for start in range(0, len(items), _EXACT)]
        gram = strength * np.eye(self.factors)
        for exact in (items[part].astype(np.float64) for part in parts):
            gram += exact.T @ exact
        alone = np.empty_like(items)
        for part in parts:
            exact = items[part].astype(np.float64)
            turned = np.linalg.solve(gram, exact.T).T
            leverage = np.einsum("ij,ij->i", exact, turned)
            alone[part] = turned * ((1 + self.alpha) / (1 + self.alpha * leverage))[:, None]

        def rows(start: int, stop: int) -> NDArray[np.float32]:
            scores: NDArray[np.float32] = items[start:stop] @ alone.T
            return scores

        return transpose(keep_largest(rows, len(items), self.neighbors))

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)


@dataclass(frozen=True, eq=False)
class FittedALS(FittedTables):
    """The tables, and the factors that they were made from.

    recommender     : the hyper-parameters
    visitor_factors : float32 (n_visitors, f)
    item_factors    : float32 (n_items, f)
    """

    recommender: ImplicitALS
    visitor_factors: NDArray[np.float32]
    item_factors: NDArray[np.float32]

    def fold_in(self, items: NDArray[Any], values: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """The factors that training would have given to a visitor of this history, the items as they are.

        Solves the equations of `ImplicitALS` for one more row, exactly, without learning anything again.

        Parameters
        ----------
        items  : int (k,) distinct item rows
        values : float (k,) ≥ 0, of the pairs; None: 1 each

        Returns
        -------
        float32 (f,); give it to :meth:`score`.

        Raises
        ------
        InvalidInputError naming ``items`` or ``values``.
        """
        history = _history(items, len(self.item_factors))
        amounts = np.ones(len(history)) if values is None else np.asarray(values, dtype=np.float64)
        if amounts.shape != history.shape or not np.isfinite(amounts).all() or (amounts < 0).any():
            raise InvalidInputError("values", f"expected {len(history)} finite numbers of at least 0")
        extra, chosen = self.recommender.alpha * amounts, self.item_factors[history].astype(np.float64)
        equations = self._gram + (chosen * extra[:, None]).T @ chosen
        equations += self._penalty(extra.sum()) * np.eye(len(equations))
        return np.linalg.solve(equations, (1 + extra) @ chosen).astype(np.float32)

    def score(self, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much visitors of these factors, float32 (f,) or (m, f), like each item: float32 (…, n_items)."""
        scores: NDArray[np.float32] = factors @ self.item_factors.T
        return scores

    @property
    def _gram(self) -> NDArray[np.float64]:
        exact = self.item_factors.astype(np.float64)
        gram: NDArray[np.float64] = exact.T @ exact
        return gram

    def _penalty(self, known: float) -> float:
        """λ of one more visitor; the mean is that of training."""
        recommender, n_items = self.recommender, len(self.item_factors)
        mean = recommender.alpha * self.history.data.sum() / max(self.history.shape[0], 1) + n_items
        strength = recommender.regularization_for(self.history)
        return float(strength * ((known + n_items) / mean) ** recommender.scaling)


def _history(items: NDArray[Any], n_items: int) -> NDArray[np.int64]:
    history = np.asarray(items)
    if history.ndim != 1 or (history.size and history.dtype.kind not in "iu"):
        raise InvalidInputError("items", "expected an int array of item rows")
    if history.size and (history.min() < 0 or history.max() >= n_items):
        raise InvalidInputError("items", f"item rows must lie in 0 … {n_items - 1}", code="unknown")
    if len(np.unique(history)) < len(history):
        raise InvalidInputError("items", "an item may stand once")
    return history.astype(np.int64)
