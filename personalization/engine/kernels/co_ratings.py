"""How alike two items are rated by those who rated both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.top_rows import top_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.kernels.top_rows import Part
    from personalization.engine.tables import SparseRows

#: Six dense float64 sums, and what combining them takes.
_BYTES_PER_CELL: Final = 8 * 12
#: Below this a variance is nothing but rounding.
_FLAT: Final = 1e-12


def top_adjusted_cosines(
    ratings: csr_array[np.float64],
    *,
    neighbors: int,
    budget: int,
    shrinkage: float = 0.0,
    part: Part | None = None,
) -> SparseRows:
    """Cosine of ratings from which each visitor's own mean was taken, over those who rated both.

    ``sim(t, s) = Σ (r_ut - m_u)(r_us - m_u) / sqrt(Σ (r_ut - m_u)² Σ (r_us - m_u)²) · n / (n + shrinkage)``, n the
    number of visitors u who rated both, m_u the mean of u's ratings: one visitor's 3 may be another one's 5.
    (Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001.)

    Parameters
    ----------
    ratings   : float64 CSR (n_visitors, n_items); an entry is a rating, no entry is no rating (and not 0)
    neighbors, budget, part : as in `top_rows`, which keeps only what is > 0
    """
    sizes = np.diff(ratings.indptr)
    sums = np.bincount(np.repeat(np.arange(len(sizes)), sizes), ratings.data, minlength=len(sizes))
    means = sums / np.maximum(sizes, 1)
    centered = _with_data(ratings, ratings.data - np.repeat(means, sizes))
    return _top(centered, shrinkage=shrinkage, recenter=False, neighbors=neighbors, budget=budget, part=part)


def top_correlations(
    ratings: csr_array[np.float64],
    *,
    neighbors: int,
    budget: int,
    shrinkage: float = 0.0,
    significance: int | None = None,
    part: Part | None = None,
) -> SparseRows:
    """Pearson correlation of two items' ratings over those who rated both.

    ``sim(t, s) = Σ (r_ut - m_t)(r_us - m_s) / sqrt(Σ (r_ut - m_t)² Σ (r_us - m_s)²) · n / (n + shrinkage)``, sums
    and means m over the n visitors who rated both. Two items that fewer than two visitors rated both, or whose
    ratings do not differ there, are not alike. (Resnick et al., GroupLens, CSCW 1994; for items: Sarwar 2001.)

    Parameters
    ----------
    as in `top_adjusted_cosines`
    significance : s, and sim is multiplied by ``min(n, s) / s``; None: it is not. (Herlocker et al., SIGIR 1999.)
    """
    counts = np.bincount(ratings.indices, minlength=ratings.shape[1])
    sums = np.bincount(ratings.indices, ratings.data, minlength=ratings.shape[1])
    means = sums / np.maximum(counts, 1)  # changes no correlation, but keeps the sums of squares small
    centered = _with_data(ratings, ratings.data - means[ratings.indices])
    return _top(
        centered,
        shrinkage=shrinkage,
        significance=significance,
        recenter=True,
        neighbors=neighbors,
        budget=budget,
        part=part,
    )


def _top(
    values: csr_array[np.float64],
    *,
    shrinkage: float,
    recenter: bool,
    significance: int | None = None,
    **limits: Any,
) -> SparseRows:
    ones, squares = _with_data(values, np.ones(values.nnz)), _with_data(values, values.data**2)
    turned = [csr_array(matrix.T.tocsr()) for matrix in (ones, values, squares)]

    def block(start: int, stop: int) -> csr_array[np.float64]:
        has, rated, squared = (matrix[start:stop] for matrix in turned)
        count = _dense(has, ones)
        both, left, right = _dense(rated, values), _dense(squared, ones), _dense(has, squares)
        if recenter:
            of_target, of_source, n = _dense(rated, ones), _dense(has, values), np.maximum(count, 1)
            both -= of_target * of_source / n
            left -= of_target**2 / n
            right -= of_source**2 / n
        alike = _ratio(both, left, right) * count / np.maximum(count + shrinkage, 1)
        if significance is not None:
            alike *= np.minimum(count, significance) / significance
        return csr_array(alike)

    n_items = values.shape[1]
    fixed = 2 * 16 * 4 * values.nnz + 8 * sum(values.shape)
    candidates = np.full(n_items, n_items, dtype=np.int64)
    return top_rows(block, candidates, fixed=fixed, entry=_BYTES_PER_CELL, **limits)


def _ratio(
    both: NDArray[np.float64], left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    varied = (left > _FLAT) & (right > _FLAT)
    norms = np.sqrt(np.where(varied, left, 1.0)) * np.sqrt(np.where(varied, right, 1.0))
    return np.where(varied, np.clip(both / norms, -1.0, 1.0), 0.0)


def _dense(left: csr_array[np.float64], right: csr_array[np.float64]) -> NDArray[np.float64]:
    return np.asarray((left @ right).toarray())


def _with_data(matrix: csr_array[np.float64], data: NDArray[np.float64]) -> csr_array[np.float64]:
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
