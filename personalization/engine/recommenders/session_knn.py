"""Session-based neighbors: what was taken in sessions like the visitor's last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array, diags_array

from personalization.engine.kernels.item_kernel import top_products
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.baskets import find_baskets
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import (
    check_days,
    check_flag,
    check_real,
    check_share,
    check_whole,
)
from personalization.engine.recommenders.pairs import ages, pair_matrix, present
from personalization.engine.recommenders.prior import with_prior
from personalization.engine.tables import SparseRows, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.baskets import Baskets

    Matrix = csr_array[np.float64]

_MEGABYTE: Final = 1 << 20
_MINUTE: Final = 60_000_000
#: Likenesses of visitors and sessions that are held at once, with what sorting them takes: some 64 bytes each.
_LIKENESSES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SessionKNN(Recommender):
    """Scores an item by the sessions most like what the visitor took last (VS-kNN).

    A session is an order; without orders, what a visitor did without a pause of ``gap_minutes``. Of the ``sample``
    newest sessions that share an item with what u has, N(u) are the ``neighbors`` with the largest sim; those of u
    itself, which are among them, have no say::

        sim(u, S) = Σ_{i in S} memory^p(i) · exp(-age(S) / decay_days) / |S|^damping
        score(u, t) = idf(t) · Σ_{S in N(u)} sim(u, S) [t in S],  idf(t) = log(1 + sessions / sessions with t)

    p(i): in how many newer orders (instants, where there are no orders) of u the item i is not. That score has a row for
    each visitor (`Tables.visitors`).

    Who the session of a request will be is not known beforehand, so live events are served by an item table, which is
    the same score made linear: with N(u) all sessions of the sample, the sample taken for each item by itself and p = 0,
    ``score(u, t) = Σ_s W(s → t)`` with ``W(s → t) = idf(t) · Σ exp(-age(S) / decay_days) / |S|^damping`` over the ``sample``
    newest S with s that hold t.

    Parameters
    ----------
    neighbors        : sessions that are asked, ≥ 1
    sample           : the newest sessions they are chosen from, ≥ 1
    gap_minutes      : a pause that ends a session, where no order tells it, > 0
    memory           : what is left of an item's say with each newer order or instant, more than 0, at most 1
    decay_days       : time constant in days by which old sessions lose value; None: never
    damping          : how much less a session with many items says, ≥ 0
    idf              : whether rare items count more
    table_neighbors  : sources that each target of the item table keeps, and targets that each source keeps, ≥ 1
    list_length      : items that are kept for each visitor, new ones and known ones each, ≥ 1
    memory_budget_mb : as in `ItemKNN`

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Ludewig and Jannach, Evaluation of session-based recommendation algorithms, User Modeling and User-Adapted
    Interaction 2018.
    """

    neighbors: int = 500
    sample: int = 5_000
    gap_minutes: float = 30.0
    memory: float = 0.9
    decay_days: float | None = 60.0
    damping: float = 1.0
    idf: bool = True
    table_neighbors: int = 100
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_whole("neighbors", self.neighbors, minimum=1)
        check_whole("sample", self.sample, minimum=1)
        check_real("gap_minutes", self.gap_minutes)
        check_share("memory", self.memory)
        check_real("memory", self.memory)
        check_days("decay_days", self.decay_days)
        check_real("damping", self.damping, inclusive=True)
        check_flag("idf", self.idf)
        check_whole("table_neighbors", self.table_neighbors, minimum=1)
        check_whole("list_length", self.list_length, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions)
        sessions = _by_time(find_baskets(interactions, gap=int(self.gap_minutes * _MINUTE)))
        asked = _Asked(
            find_baskets(interactions).latest(interactions.n_visitors, memory=self.memory),
            sessions.visitors,
            self._holders(sessions, interactions),
            self._said(sessions.items),
            sample=self.sample,
            neighbors=self.neighbors,
        )
        by_source, by_target = self._linear(asked)
        lists = keep_best(asked.score, pairs, self.list_length)
        tables = Tables(neighbors=by_source, weights=transpose(by_target), visitors=lists)
        return with_prior(FittedTables(tables, pairs), interactions, share=0.0, decay_days=14.0)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.table_neighbors)

    def _holders(self, sessions: Baskets, interactions: Interactions) -> Matrix:
        counts = np.diff(sessions.items.indptr).astype(np.float64) ** -self.damping
        if self.decay_days is not None and interactions.times is not None:
            counts *= np.exp(-ages(sessions.times, present(interactions)) / self.decay_days)
        newest = _newest(csr_array(diags_array(counts) @ sessions.items), self.sample)
        return csr_array(newest.T.tocsr())

    def _said(self, items: Matrix) -> Matrix:
        held = np.bincount(items.indices, minlength=items.shape[1])
        rarity = np.log1p(items.shape[0] / np.maximum(held, 1)) if self.idf else np.ones(items.shape[1])
        return csr_array(items @ diags_array(rarity))

    def _linear(self, asked: _Asked) -> tuple[SparseRows, SparseRows]:
        """The largest W of each source, and of each target."""
        holders = csr_array(asked.holders.T.tocsr())
        budget = int(self.memory_budget_mb * _MEGABYTE)

        def as_it_is(
            rows: NDArray[np.int64], columns: NDArray[np.int32], sums: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            return sums

        by_source, by_target = (
            top_products(*sides, neighbors=self.table_neighbors, budget=budget, rescale=as_it_is)
            for sides in ((holders, asked.said), (asked.said, holders))
        )
        return by_source, by_target


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Sessions in the order of time, and who asks them.

    own      : float64 CSR (n_visitors, n_items), how much each item of a visitor counts
    visitors : int64 (n_sessions,) whose session it is
    holders  : float64 CSR (n_items, n_sessions), how much a session counts, for the ``sample`` newest sessions with the
               item: one that is among the newest of all that share something is so of each item it shares
    said     : float64 CSR (n_sessions, n_items), idf of what a session holds
    """

    own: Matrix
    visitors: NDArray[np.int64]
    holders: Matrix
    said: Matrix
    sample: int
    neighbors: int

    def score(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (m, n_items), -inf where nothing speaks for an item."""
        scores = np.full((len(rows), self.said.shape[1]), -np.inf, dtype=np.float32)
        for part in self._parts(rows):
            sums = (self._nearest(rows[part]) @ self.said).toarray()
            scores[part] = np.where(sums > 0, sums, -np.inf)
        return scores

    def _nearest(self, rows: NDArray[np.int64]) -> Matrix:
        """N(u) with sim(u, S): float64 CSR (m, n_sessions)."""
        alike = csr_array(self.own[rows] @ self.holders)
        alike = _largest(alike, alike.indices.astype(np.float64), self.sample)
        others = self.visitors[alike.indices] != np.repeat(rows, np.diff(alike.indptr))
        return _largest(alike, alike.data * others, self.neighbors, above=0.0)

    def _parts(self, rows: NDArray[np.int64]) -> Iterator[slice]:
        held = self.own[rows]
        reached = np.diff(self.holders.indptr)[held.indices]
        totals = np.concatenate([[0], np.cumsum(reached)])[held.indptr]
        start = 0
        while start < len(rows):
            stop = int(np.searchsorted(totals, totals[start] + _LIKENESSES, side="right")) - 1
            stop = max(stop, start + 1)
            yield slice(start, stop)
            start = stop


def _by_time(baskets: Baskets) -> Baskets:
    order = np.lexsort((baskets.visitors, baskets.times))
    return type(baskets)(csr_array(baskets.items[order]), baskets.visitors[order], baskets.times[order])


def _newest(items: Matrix, count: int) -> Matrix:
    """Of each column only the last ``count`` entries."""
    columns = items.tocsc()
    places = np.arange(columns.nnz) - np.repeat(columns.indptr[1:], np.diff(columns.indptr))
    kept = places >= -count
    numbers = np.repeat(np.arange(items.shape[1]), np.diff(columns.indptr))
    return csr_array((columns.data[kept], (columns.indices[kept], numbers[kept])), shape=items.shape)


def _largest(matrix: Matrix, keys: NDArray[np.float64], count: int, *, above: float = -1.0) -> Matrix:
    """Of each row the ``count`` entries with the largest keys above a floor, ties to the higher column, the newer."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((-matrix.indices, -keys, rows))
    places = np.arange(len(order)) - matrix.indptr[rows]
    kept = np.sort(order[(places < count) & (keys[order] > above)])
    return csr_array((matrix.data[kept], (rows[kept], matrix.indices[kept])), shape=matrix.shape)
