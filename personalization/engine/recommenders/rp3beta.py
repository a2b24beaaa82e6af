"""Random walks from an item to its visitors and on to their items."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.blocks import row_blocks
from personalization.engine.kernels.columns import column_sums
from personalization.engine.kernels.item_kernel import top_products
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.largest_entries import first_of, pooled
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
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import SparseRows

#: How many times as many sources of each target are looked at where all are cut at one value.
_WIDEST: Final = 5
#: Pairs whose steps are worked out at once.
_BLOCK: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class RP3beta(Recommender):
    """Scores an item by how often a walk of three steps from the visitor ends there, less for what is popular.

    ``w(s → t) = Σ_u p(u | s)^alpha · p(t | u)^alpha / c_t^beta`` with ``p(u | s) = x_us / c_s``,
    ``p(t | u) = x_ut / Σ_i x_ui``, ``c_t = Σ_u x_ut`` and x from `pairs.pair_matrix`;
    ``score(u, t) = Σ_{s in history(u)} w(s → t)``. Needs no dense matrix, so it fits any catalog.

    Parameters
    ----------
    alpha            : exponent of the steps, > 0; less than 1 makes rare and frequent steps more alike
    beta             : how much popular items are held back, ≥ 0; from about 0.9 on only the rarest are left
    neighbors        : sources that each target keeps, ≥ 1
    pooled           : all weights are cut at one value instead, ``neighbors · n_items`` of them in all: more for what
                       is taken much, at least 20 for each. Better on sparse data, worse in shops
    decay_days       : as in `ItemKNN`
    prior_share, prior_decay_days : as in `RecencyBlend`; 0: popularity answers only who has no history
    memory_budget_mb : as in `ItemKNN`

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Paudel, Christoffel, Newell and Bernstein, Updatable, accurate, diverse, and scalable recommendations for
    interactive applications, ACM TiiS 2016.
    """

    alpha: float = 0.5
    beta: float = 0.5
    neighbors: int = 100
    pooled: bool = False
    decay_days: float | None = None
    prior_share: float = 0.0
    prior_decay_days: float | None = 14.0
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_real("alpha", self.alpha)
        check_real("beta", self.beta, inclusive=True)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_flag("pooled", self.pooled)
        check_days("decay_days", self.decay_days)
        check_real("prior_share", self.prior_share, inclusive=True)
        check_days("prior_decay_days", self.prior_decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        fitted = FittedTables(self._tables(*self._steps(pairs)), pairs)
        return with_prior(fitted, interactions, share=self.prior_share, decay_days=self.prior_decay_days)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _tables(self, targets: csr_array[np.float64], sources: csr_array[np.float64]) -> Tables:
        if not self.pooled:
            neighbors = self._products(targets, sources, self.neighbors)
            return Tables(neighbors=neighbors, weights=transpose(neighbors))
        wide = self._wide(targets, sources)
        return Tables(
            neighbors=first_of(wide, self.neighbors), weights=transpose(pooled(wide, self.neighbors))
        )

    def _wide(self, targets: csr_array[np.float64], sources: csr_array[np.float64]) -> SparseRows:
        """What the entries are chosen from: up to `_WIDEST` times as many for each target, as the budget allows."""
        for times in range(_WIDEST, 1, -1):
            with suppress(InvalidInputError):  # raised before anything is multiplied
                return self._products(targets, sources, times * self.neighbors)
        return self._products(targets, sources, self.neighbors)

    def _products(
        self, targets: csr_array[np.float64], sources: csr_array[np.float64], neighbors: int
    ) -> SparseRows:
        budget = int(self.memory_budget_mb * (1 << 20))
        return top_products(targets, sources, neighbors=neighbors, budget=budget)

    def _steps(self, pairs: csr_array[np.float64]) -> tuple[csr_array[np.float64], csr_array[np.float64]]:
        """``p(t | u)^alpha / c_t^beta`` and ``p(u | s)^alpha``, both float64 CSR (n_visitors, n_items)."""
        of_item = column_sums(pairs, np.positive)
        onward, back = np.empty(pairs.nnz), np.empty(pairs.nnz)
        for start, stop in row_blocks(pairs.indptr, _BLOCK):
            sizes, part = np.diff(pairs.indptr[start : stop + 1]), slice(*pairs.indptr[[start, stop]])
            values, taken = pairs.data[part], of_item[pairs.indices[part]]
            rows = np.repeat(np.arange(stop - start), sizes)
            given = np.bincount(rows, values, minlength=stop - start)[rows]
            onward[part] = _quotient(values, given) ** self.alpha * _quotient(1.0, taken) ** self.beta
            back[part] = _quotient(values, taken) ** self.alpha
        targets, sources = (
            csr_array((step, pairs.indices, pairs.indptr), shape=pairs.shape) for step in (onward, back)
        )
        return targets, sources


def _quotient(values: NDArray[np.float64] | float, sums: NDArray[Any]) -> NDArray[np.float64]:
    """values / sums; 0 where the decay of everything underflowed."""
    usable = sums > np.finfo(np.float64).tiny
    return np.where(usable, values / np.where(usable, sums, 1.0), 0.0)
