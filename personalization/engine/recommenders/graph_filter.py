"""Graph filtering: neighbors smoothed by the main directions of the whole shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.dense_table import tables_bytes, tables_of
from personalization.engine.kernels.item_tables import packed_bytes
from personalization.engine.kernels.spectrum import ROUNDING, check_memory, right_vectors
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_days,
    check_flag,
    check_real,
    check_whole,
)
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.prior import with_prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import Tables


@dataclass(frozen=True, slots=True)
class GraphFilter(Recommender):
    """GF-CF: a linear filter of the visitor-item graph, with an ideal low-pass filter added.

    With ``N_ui = x_ui / (d_u^a · c_i^b)``, ``d_u = Σ_j x_uj``, ``c_i = Σ_v x_vi``, divided by its largest singular value, and V
    its right singular vectors: ``W_st = Σ_u N_us N_ut + strength · (V Vᵀ)_st · (c_t / c_s)^b``,
    ``score(u, t) = Σ_{s in history(u)} W_st``. With a = b = ½ it is what LightGCN comes to without training. On sparse data
    smaller powers are better: then they who have much, and what many have, speak louder.

    Parameters
    ----------
    factors          : singular vectors, ≥ 1
    strength         : how much the low-pass filter counts, ≥ 0
    visitor_power, item_power : a and b, ≥ 0
    neighbors        : sources that each target keeps, the largest that are > 0
    pooled           : as in `RP3beta`
    decay_days       : as in `ItemKNN`
    prior_share, prior_decay_days : as in `RecencyBlend`; with share 0 the ranking only answers visitors without history
    memory_budget_mb : vectors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Shen et al., How powerful is graph convolution for recommendation?, CIKM 2021; powers other than ½: Peng et al., How
    powerful is graph filtering for recommendation?, KDD 2024.
    """

    factors: int = 64
    strength: float = 0.3
    visitor_power: float = 0.5
    item_power: float = 0.5
    neighbors: int = 100
    pooled: bool = False
    decay_days: float | None = None
    prior_share: float = 0.0
    prior_decay_days: float | None = 14.0
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_whole("factors", self.factors, minimum=1)
        check_real("strength", self.strength, inclusive=True)
        check_real("visitor_power", self.visitor_power, inclusive=True)
        check_real("item_power", self.item_power, inclusive=True)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_flag("pooled", self.pooled)
        check_days("decay_days", self.decay_days)
        check_real("prior_share", self.prior_share, inclusive=True)
        check_days("prior_decay_days", self.prior_decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        tables = tables_bytes(pairs.shape[1], self.neighbors, pooled=self.pooled)
        check_memory(pairs, factors=self.factors, tables=tables, budget_mb=self.memory_budget_mb)
        degrees = _powers(pairs.indices, pairs.data, pairs.shape[1], self.item_power)
        normal = _normalized(pairs, self.visitor_power, degrees)
        vectors = right_vectors(normal, self.factors)
        normal.data /= np.linalg.norm(normal @ vectors[:, 0]) if normal.nnz else 1.0
        fitted = FittedTables(self._tables(normal, vectors, degrees), pairs)
        return with_prior(fitted, interactions, share=self.prior_share, decay_days=self.prior_decay_days)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _tables(
        self, normal: csr_array[np.float64], vectors: NDArray[np.float32], degrees: NDArray[np.float64]
    ) -> Tables:
        """A block of rows at a time: the few entries of the neighbors are added to the dense ones of the filter."""
        sources = csr_array(normal.astype(np.float32))
        targets = csr_array(sources.T.tocsr())
        vectors *= _inverse(degrees)[:, None]
        scales = self.strength * degrees**2

        def rows(start: int, stop: int) -> NDArray[np.float32]:
            scaled = (vectors[start:stop] * scales[start:stop, None]).astype(np.float32)
            weights = scaled @ vectors.T
            near = targets[start:stop] @ sources
            at = np.repeat(np.arange(stop - start), np.diff(near.indptr))
            weights[at, near.indices] += near.data
            return weights

        return tables_of(rows, len(degrees), self.neighbors, above=ROUNDING, pooled=self.pooled)


def _normalized(
    pairs: csr_array[np.float64], visitor_power: float, degrees: NDArray[np.float64]
) -> csr_array[np.float64]:
    """Each pair divided by the powers of its visitor's and its item's sum."""
    visitors = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    of_visitor = _powers(visitors, pairs.data, pairs.shape[0], visitor_power)
    data = pairs.data * _inverse(of_visitor)[visitors] * _inverse(degrees)[pairs.indices]
    return csr_array((data, pairs.indices, pairs.indptr), shape=pairs.shape)


def _powers(
    rows: NDArray[np.integer[Any]], values: NDArray[np.float64], n: int, power: float
) -> NDArray[np.float64]:
    """Of the sum of each row's values."""
    return np.asarray(np.bincount(rows, values, minlength=n) ** power, np.float64)


def _inverse(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / power; 0 for what nobody has, or whose decay underflowed."""
    usable = powers > np.finfo(np.float64).tiny ** 0.5
    return np.where(usable, 1 / np.where(usable, powers, 1.0), 0.0)
