"""The sweeps of alternating least squares compiled by numba (extra ``[fast]``): as without it, in less time.

Rows are solved one by one, the longest first and dealt out in turn, so that all threads end together; four interactions
and four factors are taken at once, so that sums stay in registers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


def solve_rows(
    extra: csr_array[np.float32],
    targets: NDArray[np.float32],
    fixed: NDArray[np.float32],
    gram: NDArray[np.float32],
    penalties: NDArray[np.float32],
    solved: NDArray[np.float32],
    *,
    steps: int,
) -> None:
    """As `engine.kernels.least_squares.solve_rows`, within the precision of float32."""
    order = np.argsort(-np.diff(extra.indptr), kind="stable")
    threads = min(numba.get_num_threads(), max(len(order), 1))
    width = -(-fixed.shape[1] // 16) * 16
    wide = solved if width == fixed.shape[1] else _padded(solved, width)
    matrix = gram if width == fixed.shape[1] else _padded(_padded(gram, width).T, width)
    rows = fixed if width == fixed.shape[1] else _padded(fixed, width)
    indptr = extra.indptr.astype(np.int64)
    _sweep(indptr, extra.indices, extra.data, targets, rows, matrix, penalties, wide, order, threads, steps)
    if wide is not solved:
        solved[:] = wide[:, : solved.shape[1]]


def _padded(matrix: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """With columns of 0, so that every row is a whole number of vector registers."""
    wide = np.zeros((len(matrix), width), dtype=np.float32)
    wide[:, : matrix.shape[1]] = matrix
    return wide


@numba.njit(fastmath=True, inline="always")
def _times(gram, vector, out):  # type: ignore[no-untyped-def]
    """``out += gram · vector``, gram symmetric."""
    width = len(vector)
    for row in range(0, width, 4):
        a, b, c, d = vector[row], vector[row + 1], vector[row + 2], vector[row + 3]
        for k in range(width):
            out[k] += a * gram[row, k] + b * gram[row + 1, k] + c * gram[row + 2, k] + d * gram[row + 3, k]


@numba.njit(fastmath=True, inline="always")
def _spread(indices, extra, targets, start, stop, fixed, vector, out, constant):  # type: ignore[no-untyped-def]
    """``out += Σ t f - e (f · vector) f`` with constant 1, for the residual; ``out += Σ e (f · vector) f`` with 0."""
    width = len(vector)
    zero = np.float32(0)
    sign = np.float32(1) - np.float32(2) * constant
    at = start
    while at + 4 <= stop:
        i, j, m, n = indices[at], indices[at + 1], indices[at + 2], indices[at + 3]
        a, b, c, d = zero, zero, zero, zero
        for k in range(width):
            a += fixed[i, k] * vector[k]
            b += fixed[j, k] * vector[k]
            c += fixed[m, k] * vector[k]
            d += fixed[n, k] * vector[k]
        a = constant * targets[at] + sign * extra[at] * a
        b = constant * targets[at + 1] + sign * extra[at + 1] * b
        c = constant * targets[at + 2] + sign * extra[at + 2] * c
        d = constant * targets[at + 3] + sign * extra[at + 3] * d
        for k in range(width):
            out[k] += a * fixed[i, k] + b * fixed[j, k] + c * fixed[m, k] + d * fixed[n, k]
        at += 4
    while at < stop:
        i = indices[at]
        a = zero
        for k in range(width):
            a += fixed[i, k] * vector[k]
        a = constant * targets[at] + sign * extra[at] * a
        for k in range(width):
            out[k] += a * fixed[i, k]
        at += 1


@numba.njit(parallel=True, fastmath=True, cache=True)
def _sweep(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912 - one loop, which must not be taken apart
    indptr, indices, extra, targets, fixed, gram, penalties, solved, order, threads, steps
):
    width = fixed.shape[1]
    tiny = np.float32(1e-20)
    one, zero = np.float32(1), np.float32(0)
    for thread in numba.prange(threads):
        product = np.empty(width, np.float32)
        residual = np.empty(width, np.float32)
        direction = np.empty(width, np.float32)
        x = np.empty(width, np.float32)
        for place in range(thread, len(order), threads):
            row = order[place]
            start, stop = indptr[row], indptr[row + 1]
            penalty = penalties[row]
            if start == stop:
                for k in range(width):
                    solved[row, k] = zero
                continue
            for k in range(width):
                x[k] = solved[row, k]
                product[k] = penalty * x[k]
            _times(gram, x, product)
            for k in range(width):
                residual[k] = -product[k]
            _spread(indices, extra, targets, start, stop, fixed, x, residual, one)
            left = zero
            for k in range(width):
                direction[k] = residual[k]
                left += residual[k] * residual[k]
            for _step in range(steps):
                if left < tiny:
                    break
                for k in range(width):
                    product[k] = penalty * direction[k]
                _times(gram, direction, product)
                _spread(indices, extra, targets, start, stop, fixed, direction, product, zero)
                curvature = zero
                for k in range(width):
                    curvature += direction[k] * product[k]
                length = left / curvature
                before = left
                left = zero
                for k in range(width):
                    x[k] += length * direction[k]
                    residual[k] -= length * product[k]
                    left += residual[k] * residual[k]
                turn = left / before
                for k in range(width):
                    direction[k] = residual[k] + turn * direction[k]
            for k in range(width):
                solved[row, k] = x[k]
