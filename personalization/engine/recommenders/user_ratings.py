"""What those who are like a visitor think of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.rating_predictor import check_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Pairs that are predicted at once: bounds the memory.
_PAIRS: Final = 2_048


@dataclass(frozen=True, eq=False)
class FittedUserKNN(FittedTables):
    """The tables, and what ratings are predicted from; a `RatingPredictor`.

    alike  : float64 CSR (n_visitors, n_visitors), N(u) with sim(u, v)
    values : float64 CSR (n_visitors, n_items), the ratings
    """

    alike: csr_array[np.float64]
    values: csr_array[np.float64]

    def predict(self, visitors: NDArray[Any], items: NDArray[Any]) -> NDArray[np.float32]:
        """``m_u + Σ_{v in N(u) who rated i} sim(u, v) (r_vi - m_v) / Σ sim(u, v)``, m the mean of a visitor's ratings, or of
        all for who has none; m_u alone where no neighbor rated the item. Nothing beyond the scale of the ratings.

        Resnick et al., GroupLens, CSCW 1994. See `RatingPredictor`.
        """
        rows, columns = check_pairs(visitors, items, shape=self.values.shape)
        if not self.values.nnz:
            return np.full(len(rows), np.nan, dtype=np.float32)
        means = self._means()
        sizes = np.diff(self.values.indptr)
        parts = (self.values.data - np.repeat(means, sizes), self.values.indices, self.values.indptr)
        above = csr_array(csr_array(parts, shape=self.values.shape).T.tocsr())
        has = csr_array((np.ones(above.nnz), above.indices, above.indptr), shape=above.shape)
        predicted = np.empty(len(rows))
        for start in range(0, len(rows), _PAIRS):
            chunk = slice(start, start + _PAIRS)
            asked = self.alike[rows[chunk]]
            told = _summed(asked, above[columns[chunk]])
            weight = _summed(asked, has[columns[chunk]])
            further = np.divide(told, weight, out=np.zeros_like(told), where=weight > 0)
            predicted[chunk] = means[rows[chunk]] + further
        bounded: NDArray[np.float32] = np.clip(predicted, self.values.data.min(), self.values.data.max())
        return bounded.astype(np.float32)

    def _means(self) -> NDArray[np.float64]:
        """float64 (n_visitors,)."""
        sizes = np.diff(self.values.indptr)
        rows = np.repeat(np.arange(len(sizes)), sizes)
        sums = np.bincount(rows, self.values.data, minlength=len(sizes))
        return np.where(sizes > 0, sums / np.maximum(sizes, 1), self.values.data.mean())


def _summed(left: csr_array[np.float64], right: csr_array[np.float64]) -> NDArray[np.float64]:
    """Σ over each row of the products at the same places: float64 (m,)."""
    return np.asarray(left.multiply(right).sum(axis=1)).ravel()
