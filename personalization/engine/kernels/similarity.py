"""How alike two items are, by the visitors that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.special import xlogy

from personalization.engine.kernels.columns import column_lengths, column_sums
from personalization.engine.kernels.item_kernel import Comparison, cosine_of, top_compared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from numpy.typing import NDArray

    from personalization.engine.kernels.top_rows import Rescale
    from personalization.engine.tables import SparseRows

    Values: TypeAlias = NDArray[np.float64]
    #: (Σ_u w_u over those who have both, the same of the target, of the source, of everybody) → similarity
    OfCounts: TypeAlias = Callable[[Values, Values, Values, float], Values]


def jaccard(both: Values, target: Values, source: Values, everybody: float) -> Values:
    """``n_ts / (n_t + n_s - n_ts)`` (Jaccard, 1901)."""
    return both / (target + source - both)


def conditional(both: Values, target: Values, source: Values, everybody: float) -> Values:
    """``P(t | s) = n_ts / n_s``: of those who have the source, how many have the target.

    Karypis, Evaluation of item-based top-N recommendation algorithms, CIKM 2001.
    """
    return both / source


def lift(both: Values, target: Values, source: Values, everybody: float) -> Values:
    """``P(t, s) / (P(t) P(s)) = n_ts N / (n_t n_s)``: how many times as often as by chance.

    Brin et al., Dynamic itemset counting and implication rules for market basket data, SIGMOD 1997.
    """
    return both * everybody / (target * source)


def log_likelihood(both: Values, target: Values, source: Values, everybody: float) -> Values:
    """``G² = 2 Σ k log(k N / (row · column))`` over the four cells (with or without t, with or without s).

    How sure it is that the two belong together; 0 when they meet less often than by chance. Unlike `lift` it does
    not prefer what two visitors have by accident. Dunning, Accurate methods for the statistics of surprise and
    coincidence, Computational Linguistics 1993.
    """
    cells = (both, target - both, source - both, everybody - target - source + both)
    margins = (target, everybody - target, source, everybody - source)
    likelihood = 2 * (_bits(*cells) - _bits(*margins) + xlogy(everybody, everybody))
    return np.where(both * everybody > target * source, np.maximum(likelihood, 0.0), 0.0)


def _bits(*counts: Values) -> Values:
    """Σ k log k; what rounding made negative counts as 0."""
    held = np.maximum(counts, 0.0)
    return np.asarray(xlogy(held, held).sum(axis=0))


#: Similarities of sets: a visitor has an item or has not.
OF_COUNTS: Final[Mapping[str, OfCounts]] = {
    "jaccard": jaccard,
    "conditional": conditional,
    "lift": lift,
    "log-likelihood": log_likelihood,
}
#: So many visitors must share a pair where nothing else is asked for: a share of one visitor is no share.
LEAST_TOGETHER: Final[Mapping[str, int]] = {"jaccard": 1, "conditional": 3, "lift": 3, "log-likelihood": 1}


def top_cosines(
    matrix: csr_array[np.float64], *, neighbors: int, budget: int, shrinkage: float = 0.0
) -> SparseRows:
    """The table of `cosines`, truncated as in `item_kernel.top_compared`."""
    return top_compared(cosines(matrix, shrinkage=shrinkage), neighbors=neighbors, budget=budget)


def cosines(
    matrix: csr_array[np.float64], *, shrinkage: float = 0.0, lengths: NDArray[np.float64] | None = None
) -> Comparison:
    """``sim(t, s) = Σ_u x_ut x_us / (|x_t| |x_s| + shrinkage)``.

    ``lengths``: float64 (n_items,), what |x_i| is where it is not the length of the matrix's own columns. Shrinkage
    takes from pairs that rest on few visitors. (Ferrari Dacrema et al., A troubling analysis of reproducibility and
    progress in recommender systems research, TOIS 2021, section 3.)
    """
    if shrinkage == 0:
        return cosine_of(matrix, lengths)
    norms = column_lengths(matrix) if lengths is None else lengths

    def shrink(targets: NDArray[np.int64], sources: NDArray[np.int32], dots: Values) -> Values:
        return dots / (norms[targets] * norms[sources] + shrinkage)

    return Comparison(matrix, matrix, rescale=shrink)


def of_counts(matrix: csr_array[np.float64], similarity: str, *, min_together: int = 1) -> Comparison:
    """A similarity of sets.

    Parameters
    ----------
    matrix     : float64 CSR (n_visitors, n_items); every entry of a visitor's row is the same, its square the w_u
                 that the visitor counts
    similarity : a key of `OF_COUNTS`
    min_together : so many visitors, each counted once, must have both items
    """
    return Comparison(
        matrix, matrix, rescale=_of_counts(OF_COUNTS[similarity], matrix), min_together=min_together
    )


def _of_counts(similarity: OfCounts, matrix: csr_array[np.float64]) -> Rescale:
    counts = column_sums(matrix, np.square)
    filled = np.diff(matrix.indptr) > 0
    everybody = float((matrix.data[matrix.indptr[:-1][filled]] ** 2).sum())

    def rescale(targets: NDArray[np.int64], sources: NDArray[np.int32], both: Values) -> Values:
        return similarity(both, counts[targets], counts[sources], everybody)

    return rescale
