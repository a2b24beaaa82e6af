"""EASE: the linear item model that predicts every item from all the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csr_array, vstack

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.dense_table import keep_largest
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.content_rows import content_rows
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.listing import on_sale
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.prior import with_prior
from personalization.engine.tables import SparseRows, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

#: The matrix, inverted in place; an entry of the tables, or of the rows being made, with its copies; a pair.
_CELL, _ENTRY, _PAIR = 4, 32, 64
#: Rows of the matrix that are made or mirrored at once.
_BLOCK: Final = 256
_MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EASE(Recommender):
    """Scores an item by the closed-form regression of each item on all others.

    ``B = argmin |X - X B|² + regularization · |B|²`` with ``diag(B) = 0``, X the values of `pairs.pair_matrix`:
    ``B_st = -P_st / P_tt`` with ``P = (XᵀX + regularization · I)⁻¹``, and ``score(u, t) = Σ_{s in history(u)} B_st``.
    With a content weight and a catalog the rows of `content_rows`, times that weight, stand under those of the visitors
    in X: a word is one more visitor, who has the items that it describes. Takes 4 n² bytes
    and about n³ operations, n the items that have an entry: 3,000 items a second or two, 10,000 items 400 MB.

    Parameters
    ----------
    regularization   : > 0; 300 to 500 for 10⁵ to 10⁶ pairs
    neighbors        : sources that each target keeps, the largest that are > 0; None: all weights, negative ones
                       too, n² of them
    decay_days       : as in `ItemKNN`
    content_weight   : ≥ 0; how much a word counts beside a visitor
    prior_share, prior_decay_days : as in `RecencyBlend`; 0: popularity answers only who has no history
    memory_budget_mb : matrix and tables together, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it, before the matrix is made, for a memory budget that is
    too small, and for a regularization too small to solve the equations with float32.

    Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019; Jeunen, Van Balen and Goethals, Closed-form
    models for collaborative filtering with side-information, RecSys 2020 (rows of content).
    """

    regularization: float = 300.0
    neighbors: int | None = 50
    decay_days: float | None = None
    content_weight: float = 0.0
    prior_share: float = 0.0
    prior_decay_days: float | None = 14.0
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_real("regularization", self.regularization)
        if self.neighbors is not None:
            check_whole("neighbors", self.neighbors, minimum=1)
        check_days("decay_days", self.decay_days)
        check_real("content_weight", self.content_weight, inclusive=True)
        check_real("prior_share", self.prior_share, inclusive=True)
        check_days("prior_decay_days", self.prior_decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        self._check_memory(pairs)
        known = self._with_content(pairs, interactions)
        self._check_memory(known)
        items = _described(known)
        inverse = _inverse(csr_array(known[:, items]), self.regularization)
        fitted = FittedTables(self._tables(inverse, items, pairs.shape[1]), pairs)
        return with_prior(fitted, interactions, share=self.prior_share, decay_days=self.prior_decay_days)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self._kept(n_items))

    def _kept(self, n_items: int) -> int:
        return max(n_items - 1, 1) if self.neighbors is None else self.neighbors

    def _with_content(
        self, pairs: csr_array[np.float64], interactions: Interactions
    ) -> csr_array[np.float64]:
        """What the equations are made of: float64 CSR (n_visitors + n_words, n_items)."""
        if interactions.catalog is None or self.content_weight == 0:
            return pairs
        rows = content_rows(interactions.catalog, on_sale(interactions))
        return csr_array(vstack([pairs, self.content_weight * rows], format="csr"))

    def _check_memory(self, pairs: csr_array[np.float64]) -> None:
        n_items = len(_described(pairs))
        kept = min(self._kept(n_items), n_items)
        needed = _CELL * n_items**2 + _ENTRY * n_items * (kept + _BLOCK) + _PAIR * pairs.nnz
        if needed > self.memory_budget_mb * _MEGABYTE:
            megabytes = -(-needed // _MEGABYTE)
            raise InvalidInputError(
                "memory_budget_mb", f"{n_items} items need about {megabytes} MB; RP3beta needs no such matrix"
            )

    def _tables(self, inverse: NDArray[np.float32], items: NDArray[np.int64], n_items: int) -> Tables:
        """Row t of the inverse, which is symmetric, gives column t of B. ``items``: whose rows and columns those are."""
        diagonal = inverse.diagonal().copy()

        def rows(start: int, stop: int) -> NDArray[np.float32]:
            weights: NDArray[np.float32] = inverse[start:stop] / -diagonal[start:stop, None]
            return weights

        kept = self._kept(len(inverse))
        neighbors = keep_largest(rows, len(inverse), kept)
        every = (
            neighbors if self.neighbors is not None else keep_largest(rows, len(inverse), kept, signed=True)
        )
        weights = transpose(every)
        return Tables(neighbors=_spread(neighbors, items, n_items), weights=_spread(weights, items, n_items))


def _described(pairs: csr_array[np.float64]) -> NDArray[np.int64]:
    """The items that have an entry, ascending. All weights of the others are 0: they need no equations."""
    return np.flatnonzero(np.bincount(pairs.indices, minlength=pairs.shape[1]))


def _spread(table: SparseRows, items: NDArray[np.int64], n_items: int) -> SparseRows:
    """The same table with rows and columns of all items."""
    indptr = np.zeros(n_items + 1, np.int64)
    indptr[items + 1] = np.diff(table.indptr)
    return SparseRows(np.cumsum(indptr), items.astype(np.int32)[table.indices], table.values)


def _inverse(pairs: csr_array[np.float64], regularization: float) -> NDArray[np.float32]:
    """``(XᵀX + regularization · I)⁻¹``, float32 (n_items, n_items), symmetric."""
    n_items = pairs.shape[1]
    gram = np.empty((n_items, n_items), dtype=np.float32, order="F")
    by_item = csr_array(pairs.T.tocsr())
    for start in range(0, n_items, _BLOCK):
        block = (by_item[start : start + _BLOCK] @ pairs).toarray()
        gram[:, start : start + _BLOCK] = block.T
    gram[np.diag_indices(n_items)] += np.float32(regularization)
    if not n_items:
        return gram
    factor, failed = spotrf(gram, lower=1, overwrite_a=1)
    inverse, singular = spotri(factor, lower=1, overwrite_c=1) if not failed else (factor, failed)
    if failed or singular or not np.isfinite(inverse.diagonal()).all():
        raise InvalidInputError("regularization", "too small to solve the equations of these interactions")
    return _mirrored(inverse)


def _mirrored(lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lower triangle copied over the upper one, in place; C order, so that a row is contiguous."""
    upper = lower.T
    n = len(upper)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        upper[stop:, start:stop] = upper[start:stop, stop:].T
        square = upper[start:stop, start:stop]
        square[:] = np.triu(square) + np.triu(square, 1).T
    return upper
