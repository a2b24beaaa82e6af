"""Item-item cosine: what the visitors of your items also have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.item_kernel import packed_bytes, top_sources, transpose
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from personalization.engine.types import Interactions


@dataclass(frozen=True, slots=True)
class ItemKNN(Recommender):
    """Scores an item by how similar it is to what the visitor has.

    ``score(u, t) = Σ_{s in history(u)} sim(t, s)`` with the cosine of `item_kernel.top_sources` over the values of
    `pairs.pair_matrix`, each divided by ``n_u ** damping``.

    Parameters
    ----------
    similarity       : "cosine"
    neighbors        : sources that each target keeps, ≥ 1
    damping          : how much less a visitor with many items (n_u of them) says about their likeness, ≥ 0
    binary           : a pair counts 1; otherwise the sum of its weights
    decay_days       : time constant in days by which old pairs lose value in learning; None: never. The history
                       at scoring is not decayed: that gained nothing
    memory_budget_mb : what the kernel may take: matrix, block and tables, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001.
    """

    similarity: str = "cosine"
    neighbors: int = 50
    damping: float = 0.0
    binary: bool = True
    decay_days: float | None = None
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        if self.similarity != "cosine":
            raise InvalidInputError("similarity", f"expected 'cosine', got {self.similarity!r}")
        if not isinstance(self.binary, bool):
            raise InvalidInputError("binary", f"expected true or false, got {self.binary!r}")
        check_whole("neighbors", self.neighbors, minimum=1)
        check_real("damping", self.damping, inclusive=True)
        check_days("decay_days", self.decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, binary=self.binary, decay_days=self.decay_days)
        neighbors = top_sources(
            self._damped(pairs), neighbors=self.neighbors, budget=int(self.memory_budget_mb * (1 << 20))
        )
        return FittedTables(Tables(neighbors=neighbors, weights=transpose(neighbors)), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _damped(self, pairs: csr_array[np.float64]) -> csr_array[np.float64]:
        if self.damping == 0:
            return pairs
        sizes = np.diff(pairs.indptr)
        pairs = pairs.copy()
        pairs.data /= np.repeat(sizes, sizes).astype(np.float64) ** self.damping
        return pairs
