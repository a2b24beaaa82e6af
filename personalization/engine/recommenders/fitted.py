"""What every recommender of this package learns: tables, and the histories to try them on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.selection import select_best
from personalization.engine.ranking.contributions import gather
from personalization.engine.recommenders.base import FittedRecommender
from personalization.engine.recommenders.hyperparameters import check_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from personalization.engine.ranking.contributions import Contributions
    from personalization.engine.tables import SparseRows, Tables

#: Dense scores of a chunk of visitors may take this much.
_CHUNK_BYTES: Final = 64 << 20
#: float64 sums, float32 scores, masks and the copy that a partition makes.
_BYTES_PER_SCORE: Final = 24


@dataclass(frozen=True, eq=False)
class FittedTables(FittedRecommender):
    """Tables and the training histories.

    ``s = Σ weights[h]`` over the distinct items h of a visitor's history, each counted once. With a ranking and
    ``prior_share > 0`` items are ordered by ``s / max(s) + prior_share · prior``, rounded to float32, max over all
    items before seen ones are left out; the score given back is that times max(s). A visitor whose history
    reaches nothing gets the ranking. Sums below 0, which tables with negative weights can give, count as 0. Items that neither the weights reach nor the ranking lists are never
    recommended. This is what `engine.ranking.score_history` does for one visitor.

    A visitor with a row in ``visitors`` (in ``repeats``, if there is one, where seen items are not left out) gets the
    items of that row first, with their values as scores; what the weights reach follows, scaled to what the last of
    them has. Without weights nothing follows.

    learned : the tables
    history : float64 CSR (n_visitors, n_items); an entry means that the visitor has the item
    report  : what there is to say of how it was learned, ready for JSON
    """

    learned: Tables
    history: csr_array[np.float64]
    report: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def tables(self) -> Tables:
        return self.learned

    def recommend(
        self, rows: NDArray[np.int32] | int, *, count: int, exclude_seen: bool = True
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        check_whole("count", count, minimum=1)
        wanted = self._checked(rows)
        parts = [
            self._recommend_chunk(chunk, count=count, exclude_seen=exclude_seen)
            for chunk in self._chunks(wanted.ravel())
        ]
        shape = (*wanted.shape, count)
        items = np.concatenate([items for items, _ in parts]).reshape(shape)
        return items, np.concatenate([scores for _, scores in parts]).reshape(shape)

    def neighbors(self, count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        check_whole("count", count, minimum=1)
        n_items = self.history.shape[1]
        items = np.full((n_items, count), -1, dtype=np.int32)
        scores = np.full((n_items, count), np.nan, dtype=np.float32)
        table = self.learned.neighbors
        if table is not None:
            sizes = np.diff(table.indptr)
            rows = np.repeat(np.arange(n_items), sizes)
            places = np.arange(len(rows)) - np.repeat(table.indptr[:-1], sizes)
            kept = places < count
            items[rows[kept], places[kept]] = table.indices[kept]
            scores[rows[kept], places[kept]] = table.values[kept]
        return items, scores

    def _checked(self, rows: NDArray[np.int32] | int) -> NDArray[np.int64]:
        wanted = np.asarray(rows)
        if wanted.ndim > 1 or (wanted.size and wanted.dtype.kind not in "iu"):
            raise InvalidInputError("rows", "expected one visitor row or an int array of them")
        n_visitors = self.history.shape[0]
        if wanted.size and (wanted.min() < 0 or wanted.max() >= n_visitors):
            raise InvalidInputError("rows", f"visitor rows must lie in 0 … {n_visitors - 1}", code="unknown")
        return wanted.astype(np.int64)

    def _chunks(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        size = max(1, _CHUNK_BYTES // (_BYTES_PER_SCORE * max(self.history.shape[1], 1)))
        return [rows[start : start + size] for start in range(0, max(len(rows), 1), size)]

    def _recommend_chunk(
        self, rows: NDArray[np.int64], *, count: int, exclude_seen: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        seen = self.history[rows]
        ordering, scale = self._order(self._personal(seen))
        listed = self._listed(exclude_seen=exclude_seen)
        if listed is not None:
            entries = gather(listed, rows)
            if self._by_source is None:
                ordering[entries.sources] = -np.inf
            _put_first(ordering, scale, entries)
        if exclude_seen:
            ordering[np.repeat(np.arange(len(rows)), np.diff(seen.indptr)), seen.indices] = -np.inf
        items, scores = select_best(ordering, count)
        return items, scores * scale

    def _listed(self, *, exclude_seen: bool) -> SparseRows | None:
        """What was worked out for each visitor beforehand."""
        again = None if exclude_seen else self.learned.repeats
        return self.learned.visitors if again is None else again

    def _personal(self, seen: csr_array[np.float64]) -> NDArray[np.float64]:
        """float64 (m, n_items), 0 where nothing of the history speaks for an item."""
        if self._by_source is None:
            return np.zeros(seen.shape, dtype=np.float64)
        ones = csr_array((np.ones(seen.nnz), seen.indices, seen.indptr), shape=seen.shape)
        return np.asarray((ones @ self._by_source).toarray())

    def _order(self, personal: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What to rank by, float32 (m, n_items) with -inf where an item is no candidate; its scale (m, 1)."""
        best = personal.max(axis=1, initial=0.0, keepdims=True)
        scale = np.where(best > 0, best, 1.0) if self.learned.prior_share > 0 else np.ones_like(best)
        ordering, cold = self._blended(personal, scale), best.ravel() == 0
        ordering[cold] = self._prior * (self.learned.prior_share or 1.0)
        return ordering.astype(np.float32), scale.astype(np.float32)

    def _blended(self, personal: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
        prior, share = self._prior, self.learned.prior_share
        candidates = personal > 0
        if share > 0:
            candidates |= prior > -np.inf
            personal = np.maximum(personal, 0.0) / scale + share * np.maximum(prior, 0.0)
        return np.where(candidates, personal, -np.inf)

    @cached_property
    def _by_source(self) -> csr_array[np.float64] | None:
        table = self.learned.weights
        if table is None:
            return None
        parts = (table.values.astype(np.float64), table.indices, table.indptr)
        return csr_array(parts, shape=(len(table), len(table)))

    @cached_property
    def _prior(self) -> NDArray[np.float32]:
        """float32 (n_items,): the ranking's score, -inf where an item is not listed."""
        prior = np.full(self.history.shape[1], -np.inf, dtype=np.float32)
        if self.learned.ranking is not None:
            prior[self.learned.ranking.items] = self.learned.ranking.scores
        return prior


def _put_first(ordering: NDArray[np.float32], scale: NDArray[np.float32], entries: Contributions) -> None:
    """Give the entries of visitors' rows the first places, in place: what else is ordered comes after the last."""
    least = np.full(len(ordering), np.inf, dtype=np.float32)
    np.minimum.at(least, entries.sources, entries.values)
    listed = np.flatnonzero(least < np.inf)
    top = ordering[listed].max(axis=1, initial=0.0)
    follow = ordering[listed] / np.where(top > 0, top, np.float32(1))[:, None] * least[listed, None]
    ordering[listed] = np.minimum(follow, np.nextafter(least[listed], np.float32(0))[:, None])
    ordering[entries.sources, entries.columns] = entries.values
    scale[listed] = 1.0
