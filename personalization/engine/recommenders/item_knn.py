"""Item-based collaborative filtering: what the visitors of your items also have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.co_ratings import top_adjusted_cosines, top_correlations
from personalization.engine.kernels.columns import column_lengths
from personalization.engine.kernels.item_kernel import Comparison, top_compared
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.item_update import prints_of, update_rows
from personalization.engine.kernels.similarity import (
    LEAST_TOGETHER,
    OF_COUNTS,
    cosines,
    of_counts,
)
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_choice,
    check_days,
    check_flag,
    check_real,
    check_whole,
)
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.weighting import WEIGHTINGS, damp
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.interactions import Interactions
    from personalization.engine.kernels.item_update import EarlierRows, UpdatedRows
    from personalization.engine.kernels.top_rows import Part
    from personalization.engine.tables import SparseRows

#: Similarities of ratings: they look at how the weights differ.
_OF_RATINGS: Final = {"adjusted-cosine": top_adjusted_cosines, "pearson": top_correlations}
#: Similarities that look at more than the two columns.
_OF_ALL: Final = ("lift", "log-likelihood", *_OF_RATINGS)
_MEGABYTE: Final = 1 << 20
_SIMILARITIES: Final = ("cosine", "dot", *_OF_RATINGS, *OF_COUNTS)


@dataclass(frozen=True, slots=True)
class ItemKNN(Recommender):
    """Scores an item by how similar it is to what the visitor has.

    ``score(u, t) = Σ_{s in history(u)} sim(t, s)``, sim over x, the values of `pairs.pair_matrix` after the weighting.
    With ``damping`` each product ``x_ut x_us`` is divided by ``n_u ** (2 · damping)``, n_u the visitor's number of items;
    the norms of the cosine are those of x itself, so that an item which only visitors with much have is not made to
    look as near as others.

    Parameters
    ----------
    similarity       : "cosine"; "dot", the plain product, for BM25; of sets "jaccard", "conditional", "lift" and
                       "log-likelihood" (module `similarity`); of ratings, which are the weights then,
                       "adjusted-cosine" and "pearson" (module `co_ratings`)
    neighbors        : sources that each target keeps, ≥ 1
    damping          : how much less a visitor with many items (n_u of them) says about their likeness, ≥ 0
    binary           : a pair counts 1; otherwise the sum of its weights, which similarities of ratings need
    decay_days       : time constant in days by which old pairs lose value in learning; None: never. The history
                       at scoring is not decayed: that gained nothing
    weighting        : "none", "tf-idf" or "bm25" (module `weighting`)
    shrinkage        : how much a pair that rests on few visitors is mistrusted, ≥ 0: added to the denominator of
                       the cosine, n / (n + shrinkage) for ratings
    min_together     : so many visitors must have both items of a pair, ≥ 1; only of sets. None: 3 for "conditional" and
                       "lift", which are shares of few otherwise, 1 for the rest
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
    weighting: str = "none"
    shrinkage: float = 0.0
    min_together: int | None = None
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_choice("similarity", self.similarity, _SIMILARITIES)
        check_flag("binary", self.binary)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_real("damping", self.damping, inclusive=True)
        check_days("decay_days", self.decay_days)
        check_choice("weighting", self.weighting, tuple(WEIGHTINGS))
        check_real("shrinkage", self.shrinkage, inclusive=True)
        if self.min_together is not None:
            check_whole("min_together", self.min_together, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)
        self._check_together()

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, binary=self.binary, decay_days=self.decay_days)
        neighbors = self.compare(WEIGHTINGS[self.weighting](pairs))
        return FittedTables(Tables(neighbors=neighbors, weights=transpose(neighbors)), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def column_prints(
        self, interactions: Interactions, visitor_ids: NDArray[np.int64]
    ) -> NDArray[np.uint64] | None:
        """What each item's own column is, to see later which have changed: uint64 (n_items,). None where likeness does
        not depend on the columns of two items alone, so that `update` can do nothing."""
        if self.similarity in _OF_ALL:
            return None
        pairs = self._weighted(interactions)
        return prints_of(pairs, visitor_ids, damp(pairs, self.damping).data)

    def update(
        self, interactions: Interactions, touched: NDArray[np.bool_], earlier: EarlierRows
    ) -> UpdatedRows | None:
        """The rows of both tables that differ from those of an earlier build; None where so many do that `fit` is as
        good. ``touched``: bool (n_items,), whose column is not what it was then."""
        pairs = self._weighted(interactions)
        return update_rows(
            self._comparison(pairs), touched, earlier, neighbors=self.neighbors, budget=self._budget
        )

    @property
    def _budget(self) -> int:
        return int(self.memory_budget_mb * _MEGABYTE)

    def _weighted(self, interactions: Interactions) -> csr_array[np.float64]:
        pairs = pair_matrix(interactions, binary=self.binary, decay_days=self.decay_days)
        return WEIGHTINGS[self.weighting](pairs)

    def compare(self, pairs: csr_array[np.float64], part: Part | None = None) -> SparseRows:
        """The sources of each target, or of a part of the targets, from pairs that are weighted already."""
        limits: dict[str, Any] = {"neighbors": self.neighbors, "budget": self._budget, "part": part}
        if self.similarity in _OF_RATINGS:
            return _OF_RATINGS[self.similarity](pairs, shrinkage=self.shrinkage, **limits)
        return top_compared(self._comparison(pairs), **limits)

    def _comparison(self, pairs: csr_array[np.float64]) -> Comparison:
        damped = damp(pairs, self.damping)
        if self.similarity in OF_COUNTS:
            floor = LEAST_TOGETHER[self.similarity] if self.min_together is None else self.min_together
            return of_counts(damped, self.similarity, min_together=floor)
        if self.similarity == "dot":
            return Comparison(damped, damped)
        return cosines(damped, shrinkage=self.shrinkage, lengths=column_lengths(pairs))

    def _check_together(self) -> None:
        """Refuse options that a similarity would have to ignore."""
        if self.similarity in _OF_RATINGS and self.binary:
            raise InvalidInputError("binary", f"{self.similarity!r} compares ratings: binary must be false")
        if self.similarity in (*_OF_RATINGS, *OF_COUNTS):
            self._refuse("decay_days", used=self.decay_days is not None)
            self._refuse("weighting", used=self.weighting != "none")
        if self.similarity in _OF_RATINGS:
            self._refuse("damping", used=self.damping != 0)
        if self.similarity in OF_COUNTS:
            self._refuse("binary", used=not self.binary)
        else:
            self._refuse("min_together", used=self.min_together is not None)
        if self.similarity in ("dot", *OF_COUNTS):
            self._refuse("shrinkage", used=self.shrinkage != 0)

    def _refuse(self, field: str, *, used: bool) -> None:
        if used:
            raise InvalidInputError(field, f"means nothing with the similarity {self.similarity!r}")
