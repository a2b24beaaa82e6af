"""The directions in which the visitors of a shop differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

_MEGABYTE: Final = 1 << 20
#: Directions that are followed besides those asked for, and how often all of them are sharpened.
_OVERSAMPLING, _ITERATIONS = 16, 8
#: Float64 vectors that the iteration keeps for each factor, and a pair with its copies.
_VECTORS, _PAIR = 6 * 8, 64
#: An entry of a table or of the 256 dense rows being made, with its copies.
_ENTRY, _ROWS = 32, 256
#: What is smaller than this is rounding: no singular vector has an entry above 1.
_ROUNDING: Final = 1e-9


def right_vectors(matrix: csr_array[np.float64], factors: int) -> NDArray[np.float64]:
    """The right singular vectors of the ``factors`` largest singular values: float64 (n_items, f).

    Small matrices are decomposed exactly, larger ones by subspace iteration from a fixed start, so that the same
    matrix always gives the same vectors. f is smaller than asked for when the rank is. (Halko, Martinsson and
    Tropp, Finding structure with randomness, SIAM Review 2011.)
    """
    width = factors + _OVERSAMPLING
    if not matrix.nnz:
        return np.zeros((matrix.shape[1], 0))
    if width >= min(matrix.shape):
        _, values, turned = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        basis = _subspace(matrix, width)
        _, values, turned = np.linalg.svd(np.asarray(matrix @ basis), full_matrices=False)
        turned = turned @ basis.T
    kept = values[:factors] > values.max() * _ROUNDING
    return np.ascontiguousarray(turned[:factors][kept].T)


def _subspace(matrix: csr_array[np.float64], width: int) -> NDArray[np.float64]:
    """An orthonormal basis that holds almost all of the main directions: float64 (n_items, width)."""
    basis = np.random.default_rng(0).standard_normal((matrix.shape[1], width))
    turned = matrix.T.tocsr()
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(np.asarray(turned @ (matrix @ basis)))[0]
    return basis


def check_memory(matrix: csr_array[Any], *, factors: int, neighbors: int, budget_mb: float) -> None:
    """Raise InvalidInputError naming ``memory_budget_mb`` when vectors and tables do not fit."""
    n_visitors, n_items = matrix.shape
    vectors = _VECTORS * factors * (n_visitors + n_items)
    needed = vectors + _PAIR * matrix.nnz + _ENTRY * n_items * (min(neighbors, n_items) + _ROWS)
    if needed > budget_mb * _MEGABYTE:
        raise InvalidInputError(
            "memory_budget_mb", f"these interactions need about {-(-needed // _MEGABYTE)} MB"
        )


def rounded(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """As float32, with 0 for what is nothing but rounding."""
    return np.where(np.abs(weights) > _ROUNDING, weights, 0.0).astype(np.float32)
