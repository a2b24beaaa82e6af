"""The columns of a matrix of interactions: their sums and lengths, and columns of length one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Entries that are added up at once.
SUMMED: Final = 1 << 20


def unit_columns(matrix: csr_array[np.float64], lengths: NDArray[np.float64]) -> csr_array[np.float64]:
    """Each column divided by its length: float64 (n_items,), > 0."""
    of_entries = lengths[matrix.indices]
    unit = np.divide(matrix.data, of_entries, out=of_entries)
    return csr_array((unit, matrix.indices, matrix.indptr), shape=matrix.shape)


def not_zero(norms: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for an item nobody touched, or one whose decay underflowed."""
    return np.where(norms == 0, 1.0, norms)


def column_lengths(matrix: csr_array[np.float64]) -> NDArray[np.float64]:
    """The Euclidean norm of each column: float64 (n_items,)."""
    return np.sqrt(column_sums(matrix, np.square))


def column_sums(
    matrix: csr_array[np.float64], of: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """``Σ_u of(x_ui)`` of each column i, a few entries at a time: float64 (n_items,)."""
    sums = np.zeros(matrix.shape[1])
    for start in range(0, matrix.nnz, SUMMED):
        part = slice(start, start + SUMMED)
        np.add.at(sums, matrix.indices[part].astype(np.intp), of(matrix.data[part]))
    return sums
