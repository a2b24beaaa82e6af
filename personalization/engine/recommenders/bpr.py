"""Matrix factorization for order alone: what somebody has should stand before what it does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csc_array
from scipy.special import expit

from personalization.engine.kernels.factors import AT_ONCE, check_memory, cosine_neighbors
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_real, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.interactions import Interactions

#: Comparisons whose gradients are added up before a step: a share of all pairs within limits.
_STEPS_PER_EPOCH: Final = 40
_LEAST, _MOST = 256, 1 << 16
#: What a comparison takes for each factor: the three vectors, their gradients, and how these are added up.
_COMPARED: Final = 48
#: The deviation of the factors to begin with, and what keeps the first steps from being endless.
_START, _TINY = np.float32(0.1), np.float32(1e-8)
_NEVER_LEAST = np.finfo(np.float32).max


@dataclass(frozen=True, slots=True)
class BPR(Recommender):
    """Ranks items by vectors that put what a visitor has before what it does not have.

    ``max Σ log sigmoid(x_ui - x_uj) - regularization · (|p_u|² + |q_i|² + |q_j|²) / 2``, ``x_ui = p_u · q_i + b_i``, over pairs
    (u, i) that were seen, each against items j drawn evenly from those that somebody has; a draw that u has as well is
    skipped. Steps follow the gradient of a batch of comparisons, scaled by what each number has moved so far (Adagrad).

    Lists go by ``x_ui - min_i x_ui``, only items that somebody has. New visitors and events are answered by a table of
    the items whose q point in the same direction.

    Parameters
    ----------
    factors          : length of the vectors, ≥ 1
    epochs           : how often each pair is compared, ≥ 1
    learning_rate    : > 0
    regularization   : ≥ 0
    neighbors        : sources that each target keeps
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    seed             : of the factors to begin with and of what is drawn, ≥ 0
    memory_budget_mb : factors, working rows and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Rendle et al., BPR: Bayesian personalized ranking from implicit feedback, UAI 2009; Duchi, Hazan and Singer,
    Adaptive subgradient methods, JMLR 2011.
    """

    factors: int = 64
    epochs: int = 100
    learning_rate: float = 0.1
    regularization: float = 0.03
    neighbors: int = 100
    list_length: int = 100
    seed: int = 0
    memory_budget_mb: float = 1024

    def __post_init__(self) -> None:
        for field in ("factors", "epochs", "neighbors", "list_length"):
            check_whole(field, getattr(self, field), minimum=1)
        check_real("learning_rate", self.learning_rate)
        check_real("regularization", self.regularization, inclusive=True)
        check_whole("seed", self.seed, minimum=0)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions)
        check_memory(
            pairs,
            factors=3 * self.factors,  # with gradients and what has been moved
            neighbors=self.neighbors,
            listed=self.list_length,
            budget_mb=self.memory_budget_mb,
            working=_COMPARED * _at_once(pairs.nnz) * (self.factors + 1),
        )
        visitors, items = self.factorize(pairs)
        taken = np.bincount(pairs.indices, minlength=pairs.shape[1]) > 0
        active = np.diff(pairs.indptr) > 0

        def score(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            scores = visitors[rows] @ items.T
            scores[:, ~taken] = _NEVER_LEAST
            scores -= scores.min(axis=1, initial=_NEVER_LEAST, keepdims=True)
            scores[:, ~taken] = scores[~active[rows]] = -np.inf
            return scores

        directions = np.where(taken[:, None], items[:, :-1], np.float32(0))
        neighbors = cosine_neighbors(directions, self.neighbors)
        tables = Tables(
            neighbors=neighbors,
            weights=transpose(neighbors),
            ranking=rank_items(shares(pairs), pairs),
            visitors=keep_best(score, pairs, self.list_length, above=0, at_once=AT_ONCE),
        )
        return FittedTables(tables, pairs)

    def factorize(self, pairs: csr_array[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Factors alone, float32 (n_visitors, f + 1) and (n_items, f + 1): the last are ones and the items' biases."""
        rng = np.random.default_rng(self.seed)
        visitors, items = (
            rng.standard_normal((size, self.factors + 1), dtype=np.float32) * _START for size in pairs.shape
        )
        visitors[:, -1], items[:, -1] = 1, 0
        moved = np.full_like(visitors, _TINY), np.full_like(items, _TINY)
        for seen_by, better, worse in self._comparisons(pairs, rng):
            left, right = self._gradients(visitors, items, seen_by, better, worse)
            left[:, -1] = 0
            self._step(visitors, left, moved[0])
            self._step(items, right, moved[1])
        return visitors, items

    def _comparisons(
        self, pairs: csr_array[np.float64], rng: np.random.Generator
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """(visitors, items that they have, items that they do not have) of each batch."""
        rows = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
        columns, taken = pairs.indices.astype(np.int64), np.unique(pairs.indices)
        keys = rows * pairs.shape[1] + columns
        size = _at_once(len(keys))
        for _ in range(self.epochs):
            order = rng.permutation(len(keys))
            for start in range(0, len(keys), size):
                chosen = order[start : start + size]
                drawn = taken[rng.integers(len(taken), size=len(chosen))].astype(np.int64)
                wanted = rows[chosen] * pairs.shape[1] + drawn
                places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
                other = keys[places] != wanted
                yield rows[chosen][other], columns[chosen][other], drawn[other]

    def _gradients(
        self,
        visitors: NDArray[np.float32],
        items: NDArray[np.float32],
        seen_by: NDArray[np.int64],
        better: NDArray[np.int64],
        worse: NDArray[np.int64],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        who, first, second = visitors[seen_by], items[better], items[worse]
        margin = np.einsum("ij,ij->i", who, first - second)
        pull = expit(-margin)[:, None]
        held = np.float32(self.regularization)
        left = _summed(seen_by, pull * (first - second) - held * who, len(visitors))
        moves = [pull * who - held * first, -pull * who - held * second]
        return left, _summed(np.concatenate([better, worse]), np.concatenate(moves), len(items))

    def _step(
        self, factors: NDArray[np.float32], gradient: NDArray[np.float32], moved: NDArray[np.float32]
    ) -> None:
        moved += gradient**2
        factors += np.float32(self.learning_rate) * gradient / np.sqrt(moved)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)


def _at_once(pairs: int) -> int:
    """Comparisons of a step."""
    return min(max(-(-pairs // _STEPS_PER_EPOCH), _LEAST), _MOST)


def _summed(rows: NDArray[np.int64], values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The values of each row added up, in their order: float32 (size, f)."""
    places = csc_array(
        (np.ones(len(rows), np.float32), rows, np.arange(len(rows) + 1)), shape=(size, len(rows))
    )
    return np.asarray(places @ values, dtype=np.float32)
