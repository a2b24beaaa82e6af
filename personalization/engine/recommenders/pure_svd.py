"""PureSVD: a visitor's items, projected onto the main directions of the whole shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True)
class PureSVD(Recommender):
    """Scores an item by the closest matrix of low rank.

    With V the right singular vectors of X, the values of `pairs.pair_matrix` (an absent pair is 0):
    ``score(u, t) = Σ_{s in history(u)} (V Vᵀ)_st``. What is served is the item table V Vᵀ, so new visitors and new
    events need no training.

    Parameters
    ----------
    factors          : singular vectors, ≥ 1
    neighbors        : sources that each target keeps, the largest that are > 0
    binary           : as in `ItemKNN`
    decay_days       : as in `ItemKNN`
    memory_budget_mb : vectors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Cremonesi, Koren and Turrin, Performance of recommender algorithms on top-N recommendation tasks, RecSys 2010.
    """

    factors: int = 32
    neighbors: int = 100
    binary: bool = True
    decay_days: float | None = None
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_whole("factors", self.factors, minimum=1)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_flag("binary", self.binary)
        check_days("decay_days", self.decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, binary=self.binary, decay_days=self.decay_days)
        tables = tables_bytes(pairs.shape[1], self.neighbors)
        check_memory(pairs, factors=self.factors, tables=tables, budget_mb=self.memory_budget_mb)
        vectors = right_vectors(pairs, self.factors)

        def rows(start: int, stop: int) -> NDArray[np.float32]:
            return vectors[start:stop] @ vectors.T

        return FittedTables(tables_of(rows, len(vectors), self.neighbors, above=ROUNDING), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)
