"""What training says of items and visitors, as far as metrics beyond accuracy need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array, diags_array

from personalization.engine.evaluation.calibration import calibration
from personalization.engine.evaluation.diversity import diversity
from personalization.engine.evaluation.novelty import novelty
from personalization.engine.evaluation.popularity_bias import popularity_bias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

#: Best sellers, middle and niche: each takes this part of all training pairs.
POPULARITY_GROUPS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class TrainingProfile:
    """Made once for a split.

    shares  : float64 (n_items,), the share of the training visitors who have the item
    vectors : float64 (n_items, n_visitors) sparse, rows of length 1: who has the item
    groups  : int64 (n_items,), 0 … POPULARITY_GROUPS - 1, best sellers first
    history : float64 (n_visitors, n_items) sparse, 1 for what a visitor has
    """

    shares: NDArray[np.float64]
    vectors: csr_array[np.float64]
    groups: NDArray[np.int64]
    history: csr_array[np.float64]

    @classmethod
    def of(cls, train: Interactions) -> TrainingProfile:
        width = max(train.n_items, 1)
        pairs = np.unique(train.visitors.astype(np.int64) * width + train.items)
        rows, columns = np.divmod(pairs, width)
        shape = (train.n_visitors, train.n_items)
        history = csr_array((np.ones(len(pairs)), (rows, columns)), shape=shape)
        counts = np.bincount(columns, minlength=train.n_items)
        lengths = np.sqrt(np.maximum(counts, 1))
        vectors = (diags_array(1 / lengths) @ history.T.tocsr()).tocsr()
        return cls(counts / max(len(np.unique(rows)), 1), vectors, _popularity_groups(counts), history)

    def measure(
        self, ranked: NDArray[np.int32], visitors: NDArray[np.int32], *, ks: Sequence[int]
    ) -> dict[str, NDArray[np.float64]]:
        """Metric name with ``@k`` → float64 (m,) of what is beyond accuracy; ranked int32 (m, max(ks)).

        An item that nobody has is as new as one that a single visitor has, not infinitely.
        """
        values = {}
        told = np.maximum(self.shares, 1 / max(int((self.history.sum(axis=1) > 0).sum()), 1))
        own = self._grouped(self.history[visitors])
        for k in ks:
            lists = ranked[:, :k]
            values[f"novelty@{k}"] = novelty(lists, told)
            values[f"popularity_bias@{k}"] = popularity_bias(lists, self.shares)
            values[f"diversity@{k}"] = diversity(lists, self.vectors)
            values[f"calibration@{k}"] = calibration(own, self._grouped_lists(lists))
        return values

    def _grouped(self, counts: csr_array[np.float64]) -> NDArray[np.float64]:
        return np.asarray(counts @ np.eye(POPULARITY_GROUPS)[self.groups])

    def _grouped_lists(self, ranked: NDArray[np.int32]) -> NDArray[np.float64]:
        groups, listed = self.groups[ranked], ranked >= 0
        return np.stack(
            [((groups == group) & listed).sum(axis=1) for group in range(POPULARITY_GROUPS)], axis=1
        ).astype(np.float64)


def _popularity_groups(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Items from the most popular down, cut where each third of all pairs is full; int64 (n_items,)."""
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    groups = np.empty(len(counts), dtype=np.int64)
    groups[order] = before * POPULARITY_GROUPS // max(int(counts.sum()), 1)
    return np.minimum(groups, POPULARITY_GROUPS - 1)
