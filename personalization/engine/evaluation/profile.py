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
#: How many lists are counted at once: bounds the memory.
_LISTS: Final = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class TrainingProfile:
    """Made once for a split.

    shares  : float64 (n_items,), the share of the training visitors who have the item
    vectors : float64 (n_items, n_visitors) sparse, rows of length 1: who has the item
    groups  : int64 (n_items,), of what the calibration is: the item's category, -1 without one; without a catalog
              0 … POPULARITY_GROUPS - 1, best sellers first
    calibrated_by : "category" or "popularity"
    history : float64 (n_visitors, n_items) sparse, 1 for what a visitor has
    """

    shares: NDArray[np.float64]
    vectors: csr_array[np.float64]
    groups: NDArray[np.int64]
    calibrated_by: str
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
        categories = () if train.catalog is None else train.catalog.categories
        groups = _categories(categories) if any(categories) else _popularity_groups(counts)
        by = "category" if any(categories) else "popularity"
        return cls(counts / max(len(np.unique(rows)), 1), vectors, groups, by, history)

    def measure(
        self, ranked: NDArray[np.int32], visitors: NDArray[np.int32], *, ks: Sequence[int]
    ) -> dict[str, NDArray[np.float64]]:
        """Metric name with ``@k`` → float64 (m,) of what is beyond accuracy; ranked int32 (m, max(ks)).

        An item that nobody has is as new as one that a single visitor has, not infinitely.
        """
        values = {}
        told = np.maximum(self.shares, 1 / max(int((self.history.sum(axis=1) > 0).sum()), 1))
        own = self.history[visitors]
        for k in ks:
            lists = ranked[:, :k]
            values[f"novelty@{k}"] = novelty(lists, told)
            values[f"popularity_bias@{k}"] = popularity_bias(lists, self.shares)
            values[f"diversity@{k}"] = diversity(lists, self.vectors)
            values[f"{self.calibrated_by}_calibration@{k}"] = self._calibration(own, lists)
        return values

    def _calibration(self, own: csr_array[np.float64], lists: NDArray[np.int32]) -> NDArray[np.float64]:
        parts = [
            calibration(
                self._grouped(own[start : start + _LISTS]), self._grouped_lists(lists[start : start + _LISTS])
            )
            for start in range(0, len(lists), _LISTS)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _grouped(self, has: csr_array[np.float64]) -> NDArray[np.float64]:
        rows = np.repeat(np.arange(has.shape[0]), np.diff(has.indptr))
        return self._counts(rows, self.groups[has.indices], has.shape[0])

    def _grouped_lists(self, lists: NDArray[np.int32]) -> NDArray[np.float64]:
        rows, places = np.nonzero(lists >= 0)
        return self._counts(rows, self.groups[lists[rows, places]], len(lists))

    def _counts(self, rows: NDArray[np.int64], groups: NDArray[np.int64], m: int) -> NDArray[np.float64]:
        """How often each row meets each group: float64 (m, groups)."""
        width, grouped = int(self.groups.max(initial=0)) + 1, groups >= 0
        counts = np.bincount(rows[grouped] * width + groups[grouped], minlength=m * width)
        return counts.reshape(m, width).astype(np.float64)


def _categories(names: tuple[str, ...]) -> NDArray[np.int64]:
    """The number of each item's category, -1 without one; int64 (n_items,)."""
    distinct, groups = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    return np.where(np.array(names, dtype=np.str_) == "", -1, groups - int(distinct[0] == "")).astype(
        np.int64
    )


def _popularity_groups(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Items from the most popular down, cut where each third of all pairs is full; int64 (n_items,)."""
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    groups = np.empty(len(counts), dtype=np.int64)
    groups[order] = before * POPULARITY_GROUPS // max(int(counts.sum()), 1)
    return np.minimum(groups, POPULARITY_GROUPS - 1)
