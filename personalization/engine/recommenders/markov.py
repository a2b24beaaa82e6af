"""Markov chains: what is taken after what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array, diags_array

from personalization.engine.kernels.item_kernel import top_products
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.baskets import find_baskets
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_days,
    check_real,
    check_share,
    check_whole,
)
from personalization.engine.recommenders.pairs import ages, pair_matrix, present
from personalization.engine.recommenders.prior import with_prior
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.kernels.top_rows import Rescale
    from personalization.engine.recommenders.baskets import Baskets
    from personalization.engine.tables import SparseRows

    Matrix = csr_array[np.float64]

_MEGABYTE: Final = 1 << 20
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class MarkovChain(Recommender):
    """Scores an item by how often it was taken after what the visitor took last.

    With B_1, B_2, … the baskets of a visitor u in the order of time (an order; else what happened at one instant) and n_u
    all their items::

        T(s → t) = Σ_u Σ_k exp(-age(B_k) / decay_days) / n_u^damping · Σ_{d=0}^{steps} w_d [s in B_{k-d}] [t in B_k]
        w_0 = together, w_d = exp(-days from B_{k-d} to B_k / gap_days) / d
        P(s → t) = T(s → t) / (T(s → ·)^alpha · T(· → t)^beta)
        score(u, t) = Σ_s memory^p(s) · P(s → t)

    p(s): in how many newer baskets of u the item s is not, so that what came last counts most. That score has a row for
    each visitor (`Tables.visitors`). The item tables are directed: neighbors lists what follows an item, the largest P
    of each s; weights serve events that came after the build, where each distinct item counts once.
    ``alpha=1, beta=0, steps=1, together=0, damping=0`` is the chain of first order.

    Parameters
    ----------
    steps            : how many baskets back a transition may begin, ≥ 1; more than 1 skips what lies between
    together         : what items of one basket say of each other, where nobody knows the order, ≥ 0
    gap_days         : time constant in days by which a pause weakens a transition; None: it does not
    decay_days       : time constant in days by which old transitions lose value; None: never
    damping          : how much less a visitor with many items says, ≥ 0
    alpha, beta      : exponents ≥ 0: how much items are held back that much follows on, and that follow on much
    memory           : what is left of an item's say with each newer basket, more than 0, at most 1
    neighbors        : sources that each target keeps, and followers that each item keeps, ≥ 1
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    memory_budget_mb : as in `ItemKNN`

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Rendle, Freudenthaler and Schmidt-Thieme, Factorizing personalized Markov chains for next-basket recommendation,
    WWW 2010 (baskets); Shani, Heckerman and Brafman, An MDP-based recommender system, JMLR 2005 (skipping).
    """

    steps: int = 3
    together: float = 1.0
    gap_days: float | None = None
    decay_days: float | None = 120.0
    damping: float = 0.5
    alpha: float = 0.5
    beta: float = 0.4
    memory: float = 0.9
    neighbors: int = 100
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_whole("steps", self.steps, minimum=1)
        check_real("together", self.together, inclusive=True)
        check_days("gap_days", self.gap_days)
        check_days("decay_days", self.decay_days)
        check_real("damping", self.damping, inclusive=True)
        check_real("alpha", self.alpha, inclusive=True)
        check_real("beta", self.beta, inclusive=True)
        check_share("memory", self.memory)
        check_real("memory", self.memory)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_whole("list_length", self.list_length, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        baskets, pairs = find_baskets(interactions), pair_matrix(interactions)
        before, after = self._before(baskets), self._after(baskets, interactions)
        by_source, by_target = self._compare(before, after)
        weights = transpose(by_target)
        recent = baskets.latest(interactions.n_visitors, memory=self.memory)
        steps = csr_array(
            (weights.values.astype(np.float64), weights.indices, weights.indptr), shape=(pairs.shape[1],) * 2
        )

        def score(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            sums = (recent[rows] @ steps).toarray()
            return np.where(sums > 0, sums, -np.inf).astype(np.float32)

        lists = keep_best(score, pairs, self.list_length)
        tables = Tables(neighbors=by_source, weights=weights, visitors=lists)
        return with_prior(FittedTables(tables, pairs), interactions, share=0.0, decay_days=14.0)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _before(self, baskets: Baskets) -> Matrix:
        """What may lead to each basket, and how much: Σ_d w_d B_{k-d}, float64 CSR (n_baskets, n_items)."""
        n = len(baskets)
        summed = csr_array(self.together * baskets.items)
        for step in range(1, min(self.steps, n - 1) + 1):
            later = np.arange(step, n)[baskets.visitors[step:] == baskets.visitors[: n - step]]
            pauses = (baskets.times[later] - baskets.times[later - step]) / _DAY
            fading = np.ones(len(later)) if self.gap_days is None else np.exp(-pauses / self.gap_days)
            shift = csr_array((fading / step, (later, later - step)), shape=(n, n))
            summed = csr_array(summed + shift @ baskets.items)
        return summed

    def _after(self, baskets: Baskets, interactions: Interactions) -> Matrix:
        """Each basket with how much it counts: float64 CSR (n_baskets, n_items)."""
        sizes = np.diff(baskets.items.indptr)
        taken = np.bincount(baskets.visitors, sizes, minlength=interactions.n_visitors)[baskets.visitors]
        counts = taken**-self.damping
        if self.decay_days is not None and interactions.times is not None:
            counts *= np.exp(-ages(baskets.times, present(interactions)) / self.decay_days)
        return csr_array(diags_array(counts) @ baskets.items)

    def _compare(self, before: Matrix, after: Matrix) -> tuple[SparseRows, SparseRows]:
        """The largest P of each source, and of each target."""
        own: NDArray[np.float64] = np.asarray(before.multiply(after).sum(axis=0))
        onward = _power(before.T @ after.sum(axis=1) - own, -self.alpha)
        toward = _power(after.T @ before.sum(axis=1) - own, -self.beta)
        budget = int(self.memory_budget_mb * _MEGABYTE)

        by_source = top_products(
            before, after, neighbors=self.neighbors, budget=budget, rescale=_scaled(onward, toward)
        )
        by_target = top_products(
            after, before, neighbors=self.neighbors, budget=budget, rescale=_scaled(toward, onward)
        )
        return by_source, by_target


def _scaled(by_row: NDArray[np.float64], by_column: NDArray[np.float64]) -> Rescale:
    return lambda rows, columns, sums: sums * by_row[rows] * by_column[columns]


def _power(sums: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """sums ** exponent; 0 where nothing is left but rounding."""
    usable = sums > 1e-12
    return np.where(usable, np.where(usable, sums, 1.0) ** exponent, 0.0)
