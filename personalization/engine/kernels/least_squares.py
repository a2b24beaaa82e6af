"""One side of a factorization by least squares: all rows at once, the other side fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.kernels.blocks import row_blocks
from personalization.engine.kernels.compiled import compiled_als

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Entries of a block: their factors, gathered, take 16 MB for 64 factors.
_BLOCK: Final = 1 << 16
#: A squared residual below this is none.
_NONE: Final = np.float32(1e-20)


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
    """Improve ``solved`` in place by steps of conjugate gradients, each row from where it stands.

    Row u goes towards the x of ``(F'F + Σ_i e_ui f_i f_i' + penalty_u I) x = Σ_i t_ui f_i``, i over the entries
    of u; a row without entries becomes 0. Each step costs what its entries and a product with the Gram matrix cost.
    (Takács, Pilászy and Tikk, Applications of the conjugate gradient method for implicit feedback collaborative
    filtering, RecSys 2011.)

    Parameters
    ----------
    extra     : float32 CSR (m, n): how much an entry counts beyond what every pair counts by ``gram``, ≥ 0
    targets   : float32 (entries of extra,), times its confidence what the product of each entry should be
    fixed     : float32 (n, f), the factors F of the other side
    gram      : float32 (f, f): F'F where every pair counts 1, zeros where only entries count
    penalties : float32 (m,), > 0
    solved    : float32 (m, f), contiguous
    steps     : ≥ 1
    """
    fast = compiled_als(steps * extra.nnz * fixed.shape[1])
    if fast is not None:
        fast.solve_rows(extra, targets, fixed, gram, penalties, solved, steps=steps)
        return
    totals = extra.indptr.astype(np.int64) + np.arange(
        extra.shape[0] + 1
    )  # a row without entries takes room, too
    for start, stop in row_blocks(totals, _BLOCK):
        block, own = extra[start:stop], targets[extra.indptr[start] : extra.indptr[stop]]
        _solve_block(block, own, fixed, gram, penalties[start:stop, None], solved[start:stop], steps)


def _solve_block(
    extra: csr_array[np.float32],
    targets: NDArray[np.float32],
    fixed: NDArray[np.float32],
    gram: NDArray[np.float32],
    penalties: NDArray[np.float32],
    solved: NDArray[np.float32],
    steps: int,
) -> None:
    rows = np.repeat(np.arange(extra.shape[0]), np.diff(extra.indptr))
    gathered = fixed[extra.indices]

    def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
        sums = csr_array((values, extra.indices, extra.indptr), shape=extra.shape) @ fixed
        return np.asarray(sums, dtype=np.float32)

    def product(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        inner = np.einsum("ij,ij->i", gathered, vectors[rows])
        weighted: NDArray[np.float32] = vectors @ gram + penalties * vectors + spread(extra.data * inner)
        return weighted

    residual = spread(targets) - product(solved)
    direction, left = residual.copy(), _squares(residual)
    for _ in range(steps):
        image = product(direction)
        curvature = np.einsum("ij,ij->i", direction, image)[:, None]
        going = left >= _NONE
        length = np.divide(left, curvature, out=np.zeros_like(left), where=going)
        solved += length * direction
        residual -= length * image
        before, left = left, _squares(residual)
        direction = residual + np.divide(left, before, out=np.zeros_like(left), where=going) * direction
    solved[np.diff(extra.indptr) == 0] = 0


def _squares(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (m, 1)."""
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", vectors, vectors)
    return squares[:, None]
