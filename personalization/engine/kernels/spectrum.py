"""The directions in which the visitors of a shop differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.linalg import qr
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEGABYTE: Final = 1 << 20
#: Directions that are followed besides those asked for, and how often all of them are sharpened.
_OVERSAMPLING, _ITERATIONS = 16, 8
#: Directions whose visitors are worked out at once.
_STRIP: Final = 32
#: Float32 vectors of items that the iteration holds for each direction: two, and what makes them orthogonal.
_VECTORS: Final = 6 * 4
#: A pair with its copies, in bytes.
_PAIR: Final = 64
#: Squares of singular values below this part of the largest are rounding.
_SQUARE_ROUNDING: Final = 1e-12
#: What is smaller than this is rounding: no singular vector has an entry above 1.
ROUNDING: Final = 1e-6


def right_vectors(matrix: csr_array[np.float64], factors: int) -> NDArray[np.float32]:
    """The right singular vectors of the ``factors`` largest singular values: float32 (n_items, f).

    Small matrices are decomposed exactly, larger ones by subspace iteration from a fixed start, so that the same
    matrix always gives the same vectors. f is smaller than asked for when the rank is. (Halko, Martinsson and
    Tropp, Finding structure with randomness, SIAM Review 2011.)
    """
    n_visitors, n_items = matrix.shape
    width = factors + _OVERSAMPLING
    if not matrix.nnz:
        return np.zeros((n_items, 0), dtype=np.float32)
    if width >= n_items:
        return _main((matrix.T @ matrix).toarray(), factors).astype(np.float32)
    if width >= n_visitors:
        squares = matrix @ matrix.T
        visitors = _main(squares.toarray(), factors)
        turned = np.asarray(matrix.T @ visitors)
        return np.asarray(turned / np.linalg.norm(turned, axis=0), dtype=np.float32)
    return _subspace(csr_array(matrix.astype(np.float32)), factors, width)


def _main(squares: NDArray[Any], factors: int) -> NDArray[np.float64]:
    """The eigenvectors of the largest eigenvalues of a symmetric matrix, largest first, without those of rounding."""
    values, vectors = np.linalg.eigh(squares.astype(np.float64))
    kept = values[::-1][:factors] > values[-1] * _SQUARE_ROUNDING
    return np.ascontiguousarray(vectors[:, ::-1][:, :factors][:, kept])


def _subspace(matrix: csr_array[np.float32], factors: int, width: int) -> NDArray[np.float32]:
    """The best vectors within a basis that holds almost all of the main directions."""
    turned = csr_array(matrix.T.tocsr())
    basis = np.random.default_rng(0).standard_normal((matrix.shape[1], width), dtype=np.float32)
    for _ in range(_ITERATIONS):
        basis = qr(_squared(matrix, turned, basis), mode="economic", overwrite_a=True, check_finite=False)[0]
    return np.asarray(basis @ _main(basis.T @ _squared(matrix, turned, basis), factors).astype(np.float32))


def _squared(
    matrix: csr_array[np.float32], turned: csr_array[np.float32], basis: NDArray[np.float32]
) -> NDArray[np.float32]:
    """``MᵀM · basis``, a strip of it at a time: there may be many more visitors than items."""
    product = np.empty(basis.shape, dtype=np.float32, order="F")
    for start in range(0, basis.shape[1], _STRIP):
        strip = np.ascontiguousarray(basis[:, start : start + _STRIP])
        product[:, start : start + _STRIP] = turned @ (matrix @ strip)
    return product


def check_memory(matrix: csr_array[Any], *, factors: int, tables: int, budget_mb: float) -> None:
    """Raise InvalidInputError naming ``memory_budget_mb`` when vectors and tables do not fit.

    tables : bytes that making them takes; the vectors are found before, so the larger of the two counts
    """
    n_visitors, n_items = matrix.shape
    width = min(factors + _OVERSAMPLING, n_visitors, n_items)
    found = _VECTORS * width * n_items + 8 * min(width, _STRIP) * n_visitors
    made = 4 * width * n_items + tables
    needed = _PAIR * matrix.nnz + max(found, made)
    if needed > budget_mb * _MEGABYTE:
        raise InvalidInputError(
            "memory_budget_mb", f"these interactions need about {-(-needed // _MEGABYTE)} MB"
        )
