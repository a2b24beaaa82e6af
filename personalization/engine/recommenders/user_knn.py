"""User-based collaborative filtering: what people like you have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.co_ratings import top_correlations
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_choice,
    check_flag,
    check_real,
    check_whole,
)
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.recommenders.similarity import top_cosines
from personalization.engine.recommenders.visitor_rows import keep_best
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import SparseRows

_SIMILARITIES: Final[Mapping[str, Callable[..., SparseRows]]] = {
    "cosine": top_cosines,
    "pearson": top_correlations,
}
_SCORINGS: Final = ("sum", "mean")


@dataclass(frozen=True, slots=True)
class UserKNN(Recommender):
    """Scores an item by the visitors most like this one.

    N(u) are the ``neighbors`` visitors of largest sim(u, v) > 0; u is never among them. "sum":
    ``score(u, i) = Σ_{v in N(u) who have i} sim(u, v) x_vi``, right for what people bought. "mean": the same divided
    by ``Σ_{v in N(u) who have i} sim(u, v)``, the rating to expect; who did not rate an item has no say in it.

    Parameters
    ----------
    similarity       : "cosine" of two visitors' rows, or "pearson" over what both rated (module `co_ratings`)
    neighbors        : how many visitors are asked, ≥ 1
    scoring          : "sum" or "mean"
    binary           : a pair counts 1; otherwise the sum of its weights, which "pearson" and "mean" need: for
                       ratings the weights are the ratings
    shrinkage        : significance weighting, ≥ 0: how much is mistrusted who shares few items. n / (n + shrinkage)
                       with n items in common for "pearson", added to the denominator for "cosine"
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    memory_budget_mb : what finding the neighbors may take, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Resnick et al., GroupLens, CSCW 1994; Herlocker et al., An algorithmic framework for performing collaborative
    filtering, SIGIR 1999 (significance weighting).
    """

    similarity: str = "cosine"
    neighbors: int = 100
    scoring: str = "sum"
    binary: bool = True
    shrinkage: float = 0.0
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_choice("similarity", self.similarity, tuple(_SIMILARITIES))
        check_whole("neighbors", self.neighbors, minimum=1)
        check_choice("scoring", self.scoring, _SCORINGS)
        check_flag("binary", self.binary)
        if self.binary and (self.similarity == "pearson" or self.scoring == "mean"):
            raise InvalidInputError("binary", "'pearson' and 'mean' need ratings: binary must be false")
        check_real("shrinkage", self.shrinkage, inclusive=True)
        check_whole("list_length", self.list_length, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, binary=self.binary)
        alike = self._alike(pairs)
        rows = keep_best(lambda chunk: self._score(alike[chunk], pairs), pairs, self.list_length)
        popular = pair_matrix(interactions)
        return FittedTables(Tables(visitors=rows, ranking=rank_items(shares(popular), popular)), pairs)

    def _alike(self, pairs: csr_array[np.float64]) -> csr_array[np.float64]:
        """The neighbors of each visitor: float64 CSR (n_visitors, n_visitors)."""
        by_item = csr_array(pairs.T.tocsr())
        table = _SIMILARITIES[self.similarity](
            by_item,
            neighbors=self.neighbors,
            budget=int(self.memory_budget_mb * (1 << 20)),
            shrinkage=self.shrinkage,
        )
        parts = (table.values.astype(np.float64), table.indices, table.indptr)
        return csr_array(parts, shape=(len(table), len(table)))

    def _score(self, alike: csr_array[np.float64], pairs: csr_array[np.float64]) -> NDArray[np.float32]:
        sums = np.asarray((alike @ pairs).toarray())
        if self.scoring == "mean":
            has = csr_array((np.ones(pairs.nnz), pairs.indices, pairs.indptr), shape=pairs.shape)
            told = np.asarray((alike @ has).toarray())
            sums = np.divide(sums, told, out=np.zeros_like(sums), where=told > 0)
        return np.where(sums > 0, sums, -np.inf).astype(np.float32)
