"""How well ratings are predicted, beside what a mean would say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.evaluation.mae import mae
from personalization.engine.evaluation.rmse import rmse
from personalization.engine.recommenders.rating_matrix import rating_matrix
from personalization.engine.recommenders.rating_predictor import RatingPredictor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.evaluation.split import Split
    from personalization.engine.recommenders.base import FittedRecommender


@dataclass(frozen=True, slots=True, eq=False)
class RatingTest:
    """The ratings of a test whose item stands in training; none where training has no rating to learn from.

    visitors int32 (n,), items int32 (n,), actual float64 (n,); learned: float32 CSR, the ratings of training
    """

    visitors: NDArray[np.int32]
    items: NDArray[np.int32]
    actual: NDArray[np.float64]
    learned: csr_array[np.float32]

    @classmethod
    def of(cls, split: Split) -> RatingTest:
        learned, test = rating_matrix(split.train), split.test
        rated = np.zeros(len(test.visitors), dtype=np.bool_)
        actual = np.empty(0)
        if test.ratings is not None and learned.nnz:
            rated = ~np.isnan(test.ratings) & split.known[test.items]
            actual = test.ratings[rated].astype(np.float64)
        return cls(test.visitors[rated], test.items[rated], actual, learned)

    def __len__(self) -> int:
        return len(self.actual)

    def errors(self, fitted: FittedRecommender) -> dict[str, float]:
        """``rmse`` and ``mae``; {} for a recommender that predicts no ratings, or where there is none to compare with."""
        if not len(self) or not isinstance(fitted, RatingPredictor):
            return {}
        predicted = fitted.predict(self.visitors, self.items).astype(np.float64)
        return self._measured(predicted) if np.isfinite(predicted).all() else {}

    def means(self) -> dict[str, dict[str, float]]:
        """The same for the mean of all ratings, and for the mean of each item's (that of all where it has none)."""
        if not len(self):
            return {}
        every = float(self.learned.data.mean(dtype=np.float64))
        return {
            "global-mean": self._measured(np.full(len(self), every)),
            "item-mean": self._measured(self._item_means(every)[self.items]),
        }

    def _item_means(self, every: float) -> NDArray[np.float64]:
        columns: Any = self.learned.indices
        counts = np.bincount(columns, minlength=self.learned.shape[1])
        sums = np.bincount(columns, self.learned.data, minlength=self.learned.shape[1])
        means: NDArray[np.float64] = np.divide(
            sums, counts, out=np.full(len(counts), every), where=counts > 0
        )
        return means

    def _measured(self, predicted: NDArray[np.float64]) -> dict[str, float]:
        return {"rmse": rmse(predicted, self.actual), "mae": mae(predicted, self.actual)}
