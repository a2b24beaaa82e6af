"""User-based collaborative filtering: what people like you have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.co_ratings import top_correlations
from personalization.engine.kernels.similarity import top_cosines
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_choice,
    check_flag,
    check_real,
    check_whole,
)
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.recommenders.rating_matrix import rating_matrix
from personalization.engine.recommenders.user_ratings import FittedUserKNN
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
_MEGABYTE: Final = 1 << 20
#: Bytes of a pair, which is held as history and as value; of a neighbor, with the table that it comes from; of an entry
#: of a list; of a score while it is made, either way. How many scores are made at once at most.
_PAIR, _ALIKE, _LISTED, _SUM, _MEAN, _SCORES = 32, 20, 8, 48, 80, 1 << 20
#: A pair alone.
_HELD: Final = 12


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
    binary           : a pair counts 1; otherwise the sum of its weights. "pearson" and "mean" need that, and take
                       ``Interactions.ratings`` instead where there are any
    shrinkage        : significance weighting, ≥ 0: how much is mistrusted who shares few items. n / (n + shrinkage)
                       with n items in common for "pearson", added to the denominator for "cosine"
    significance     : only "pearson": so many items in common are enough, and with n fewer sim is multiplied by
                       n / significance, ≥ 1; None: it is not
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    memory_budget_mb : what finding the neighbors may take, and what is scored at once with the lists; the interactions
                       themselves not counted

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
    significance: int | None = None
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_choice("similarity", self.similarity, tuple(_SIMILARITIES))
        check_whole("neighbors", self.neighbors, minimum=1)
        check_choice("scoring", self.scoring, _SCORINGS)
        check_flag("binary", self.binary)
        if self.binary and self._of_ratings:
            raise InvalidInputError("binary", "'pearson' and 'mean' need ratings: binary must be false")
        check_real("shrinkage", self.shrinkage, inclusive=True)
        if self.significance is not None:
            check_whole("significance", self.significance, minimum=1)
            if self.similarity != "pearson":
                raise InvalidInputError("significance", "only 'pearson' counts what two rated in common")
        check_whole("list_length", self.list_length, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        history = pair_matrix(interactions)
        values = history if self.binary else self._values(interactions)
        at_once = self._at_once(history)
        alike = self._alike(values, held=_HELD * (history.nnz + values.nnz))
        rows = keep_best(
            lambda chunk: self._score(alike[chunk], values),
            history,
            self.list_length,
            above=0,
            at_once=at_once,
        )
        tables = Tables(visitors=rows, ranking=rank_items(shares(history), history))
        if self._of_ratings:
            return FittedUserKNN(tables, history, alike, values)
        return FittedTables(tables, history)

    @property
    def _of_ratings(self) -> bool:
        return self.similarity == "pearson" or self.scoring == "mean"

    def _values(self, interactions: Interactions) -> csr_array[np.float64]:
        """The ratings where they are asked for and known, else the pairs."""
        if self._of_ratings and interactions.ratings is not None:
            return csr_array(rating_matrix(interactions).astype(np.float64))
        return pair_matrix(interactions, binary=False)

    def _at_once(self, history: csr_array[np.float64]) -> int:
        """How many scores the budget holds beside what is known of all visitors."""
        n_visitors, n_items = history.shape
        known = int(np.minimum(np.diff(history.indptr), self.list_length).sum(dtype=np.int64))
        held = _PAIR * history.nnz + _ALIKE * n_visitors * min(self.neighbors, n_visitors)
        held += _LISTED * (n_visitors * min(self.list_length, n_items) + known)
        score = _SUM if self.scoring == "sum" else _MEAN
        needed = held + score * n_items
        if needed > self.memory_budget_mb * _MEGABYTE:
            megabytes = -(-needed // _MEGABYTE)
            raise InvalidInputError("memory_budget_mb", f"these interactions need at least {megabytes} MB")
        return min(int(self.memory_budget_mb * _MEGABYTE - held) // score, _SCORES)

    def _alike(self, values: csr_array[np.float64], *, held: int) -> csr_array[np.float64]:
        """The neighbors of each visitor, found in what of the budget is not held: float64 CSR (n_visitors, n_visitors)."""
        more = {} if self.significance is None else {"significance": self.significance}
        table = _SIMILARITIES[self.similarity](
            csr_array(values.T.tocsr()),
            neighbors=self.neighbors,
            budget=int(self.memory_budget_mb * _MEGABYTE) - held,
            shrinkage=self.shrinkage,
            **more,
        )
        parts = (table.values.astype(np.float64), table.indices, table.indptr)
        return csr_array(parts, shape=(len(table), len(table)))

    def _score(self, alike: csr_array[np.float64], pairs: csr_array[np.float64]) -> NDArray[np.float32]:
        sums = np.asarray((alike @ pairs).toarray())
        if self.scoring == "mean":
            has = csr_array((np.ones(pairs.nnz), pairs.indices, pairs.indptr), shape=pairs.shape)
            told = np.asarray((alike @ has).toarray())
            sums = np.divide(sums, told, out=np.zeros_like(sums), where=told > 0)
        return sums.astype(np.float32)
