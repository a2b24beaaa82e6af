"""What is published of two factor matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.dense_table import keep_largest
from personalization.engine.kernels.visitor_rows import keep_best

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.tables import SparseRows

_MEGABYTE: Final = 1 << 20
#: A factor with its copy, a pair with those of it, an entry of a table.
_FACTOR, _PAIR, _ENTRY = 8, 64, 8
#: Scores of visitors that are made at once: enough rows for a product of matrices to be as fast as it can be.
AT_ONCE: Final = 1 << 22
#: What each of them takes, with the mask of those that may be among the best.
_SCORE: Final = 6


def listed_rows(
    visitors: NDArray[np.float32], items: NDArray[np.float32], history: csr_array[np.float64], count: int
) -> SparseRows:
    """For every visitor the ``count`` best new items and the ``count`` best known ones by ``x · y``, only what is > 0."""

    def score(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = visitors[rows] @ items.T
        return scores

    return keep_best(score, history, count, above=0, at_once=AT_ONCE)


def cosine_neighbors(items: NDArray[np.float32], count: int) -> SparseRows:
    """For every item those whose factors, float32 (n_items, f), point most nearly where its own do; cosine > 0."""
    lengths = np.linalg.norm(items, axis=1, keepdims=True)
    unit = np.divide(items, lengths, out=np.zeros_like(items), where=lengths > 0)

    def rows(start: int, stop: int) -> NDArray[np.float32]:
        cosines: NDArray[np.float32] = unit[start:stop] @ unit.T
        return cosines

    return keep_largest(rows, len(items), count)


def check_memory(
    pairs: csr_array[Any], *, factors: int, neighbors: int, listed: int, budget_mb: float, working: int = 0
) -> None:
    """Raise InvalidInputError naming ``memory_budget_mb`` when factors and tables do not fit.

    working : bytes that learning the factors takes besides
    """
    n_visitors, n_items = pairs.shape
    needed = _FACTOR * factors * (n_visitors + n_items) + _PAIR * pairs.nnz
    needed += max(working, _SCORE * max(AT_ONCE, n_items))
    kept = np.minimum(np.diff(pairs.indptr), listed).sum(dtype=np.int64) + n_visitors * min(listed, n_items)
    needed += _ENTRY * int(3 * n_items * min(neighbors, n_items) + kept)
    if needed > budget_mb * _MEGABYTE:
        raise InvalidInputError(
            "memory_budget_mb", f"these interactions need about {-(-needed // _MEGABYTE)} MB"
        )
