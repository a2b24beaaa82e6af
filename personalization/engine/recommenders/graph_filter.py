"""Graph filtering: neighbors smoothed by the main directions of the whole shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.dense_table import keep_largest
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.item_kernel import packed_bytes, transpose
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.spectrum import check_memory, right_vectors, rounded
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import SparseRows


@dataclass(frozen=True, slots=True)
class GraphFilter(Recommender):
    """GF-CF: a linear filter of the visitor-item graph, with an ideal low-pass filter added.

    With ``N_ui = x_ui / sqrt(Σ_j x_uj · c_i)``, ``c_i = Σ_v x_vi`` and V the right singular vectors of N:
    ``W_st = Σ_u N_us N_ut + strength · (V Vᵀ)_st · sqrt(c_t / c_s)``, ``score(u, t) = Σ_{s in history(u)} W_st``. It is
    what LightGCN comes to without training.

    Parameters
    ----------
    factors          : singular vectors, ≥ 1
    strength         : how much the low-pass filter counts, ≥ 0
    neighbors        : sources that each target keeps, the largest that are > 0
    decay_days       : as in `ItemKNN`
    memory_budget_mb : vectors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Shen et al., How powerful is graph convolution for recommendation?, CIKM 2021.
    """

    factors: int = 64
    strength: float = 0.3
    neighbors: int = 100
    decay_days: float | None = None
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_whole("factors", self.factors, minimum=1)
        check_real("strength", self.strength, inclusive=True)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_days("decay_days", self.decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        check_memory(pairs, factors=self.factors, neighbors=self.neighbors, budget_mb=self.memory_budget_mb)
        degrees = np.sqrt(np.bincount(pairs.indices, pairs.data, minlength=pairs.shape[1]))
        normal = _normalized(pairs, degrees)
        vectors = right_vectors(normal, self.factors)
        neighbors = self._table(normal, vectors, degrees)
        return FittedTables(Tables(neighbors=neighbors, weights=transpose(neighbors)), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _table(
        self, normal: csr_array[np.float64], vectors: NDArray[np.float64], degrees: NDArray[np.float64]
    ) -> SparseRows:
        by_item, inverse = csr_array(normal.T.tocsr()), _inverse(degrees)

        def rows(start: int, stop: int) -> NDArray[np.float32]:
            near = (by_item[start:stop] @ normal).toarray()
            smooth = (vectors[start:stop] @ vectors.T) * degrees[start:stop, None] * inverse
            return rounded(near + self.strength * smooth)

        return keep_largest(rows, len(degrees), self.neighbors)


def _normalized(pairs: csr_array[np.float64], degrees: NDArray[np.float64]) -> csr_array[np.float64]:
    """Each pair divided by the roots of its visitor's and its item's sum."""
    visitors = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    of_visitor = np.sqrt(np.bincount(visitors, pairs.data, minlength=pairs.shape[0]))
    data = pairs.data * _inverse(of_visitor)[visitors] * _inverse(degrees)[pairs.indices]
    return csr_array((data, pairs.indices, pairs.indptr), shape=pairs.shape)


def _inverse(roots: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / root; 0 for what nobody has, or whose decay underflowed."""
    usable = roots > np.finfo(np.float64).tiny ** 0.5
    return np.where(usable, 1 / np.where(usable, roots, 1.0), 0.0)
