"""The extra ``[rank]``: a learned ranker over candidates of many tables, worked out for each visitor beforehand."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from logging import getLogger
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from personalization.contrib.boosted_trees import BoostedTrees, check_installed
from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_real, check_share, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.engine.two_stage.examples import make_examples
from personalization.engine.two_stage.goal import Goal
from personalization.engine.two_stage.lists import best_of, rank_rows
from personalization.engine.two_stage.pool import Pool
from personalization.engine.two_stage.recipe import SOURCES
from personalization.engine.two_stage.sampling import draw_visitors, row_bytes
from personalization.engine.two_stage.snapshot import Snapshot
from personalization.engine.two_stage.windows import label_windows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.contrib.boosted_trees import Ranker
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import FittedRecommender
    from personalization.engine.tables import SparseRows
    from personalization.engine.two_stage.candidates import Candidates
    from personalization.engine.two_stage.examples import Examples
    from personalization.engine.two_stage.pool import Learned
    from personalization.engine.two_stage.sources import Source
    from personalization.engine.two_stage.windows import Labeled

logger = getLogger("personalization")

#: The likelihood finds more of what is new, the order puts what comes again into the first places: see
#: docs/explanation/evaluation.md.
NEW_RANKER: Final = BoostedTrees(objective="likelihood", trees=150, leaves=7, learning_rate=0.1, votes=2)
ALL_RANKER: Final = BoostedTrees(trees=125, learning_rate=0.1)
#: What is published of items, unless another recommender is named.
BASE: Final = ShopBlend()

_MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TwoStage(Recommender):
    """Gathers candidates from many tables, and orders them by what was taken of such candidates in the past.

    For each label window every source learns from what happened before the window began; the features of a (visitor,
    candidate) pair are worked out as of that instant (package `engine.two_stage`), its label is whether the visitor took
    the item in the window. Boosted trees learn from both. The same features as of now give each visitor's list. One model for each goal: "new" fills `Tables.visitors`, "all" fills `Tables.repeats`; the tables of ``base``
    answer newcomers, what happens later, and a goal that is not learned. Without times, or with too little history for
    any window, the tables of ``base`` are all there is, and a warning is logged.

    Parameters
    ----------
    base             : whose item tables and ranking are published
    sources          : where candidates come from (`two_stage.sources.Source`)
    windows          : (days from the window's begin to as_of, days that it lasts), each ≥ 1
    goals            : "new", "all", or both
    listed           : best sellers of 7, 14, 30 and 60 days that are candidates of everybody, each so many, ≥ 0
    front            : beside what a visitor has the goal "all" looks at new candidates that a source puts among its first
                       so many, ≥ 1
    new_share        : of the new candidates that were not taken, so many are learned from, 0 < share ≤ 1
    new_ranker, all_ranker : `boosted_trees.BoostedTrees` of the two goals
    list_length      : items that are kept for each visitor and goal, ≥ 1
    asked            : rows of the visitors who get lists; None: everybody who has a history
    seed             : of the trees, and of the draw of visitors where memory is short
    threads          : how many sources learn, and how many goals learn and score, at a time, each by one thread, ≥ 1.
                       Does not change the result
    memory_budget_mb : training rows: where they would take more, visitors are drawn. The sources have budgets of
                       their own

    Raises
    ------
    InvalidInputError naming the parameter; ``recommender`` where LightGBM is not installed.

    Covington, Adams and Sargin, Deep neural networks for YouTube recommendations, RecSys 2016 (two stages).
    """

    needs_times: ClassVar[bool] = True

    base: Recommender = BASE
    sources: tuple[Source, ...] = SOURCES
    windows: tuple[tuple[int, int], ...] = ((92, 92), (61, 61), (46, 46))
    goals: tuple[str, ...] = ("new", "all")
    listed: int = 40
    front: int = 10
    new_share: float = 0.5
    new_ranker: BoostedTrees = NEW_RANKER
    all_ranker: BoostedTrees = ALL_RANKER
    list_length: int = 100
    asked: tuple[int, ...] | None = None
    seed: int = 0
    threads: int = 2
    memory_budget_mb: float = 1024

    def __post_init__(self) -> None:
        check_installed()
        self._check_lists()
        for field in ("front", "list_length", "threads"):
            check_whole(field, getattr(self, field), minimum=1)
        for field in ("listed", "seed"):
            check_whole(field, getattr(self, field), minimum=0)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedRecommender:
        fitted = self.base.fit(interactions)
        windows = label_windows(interactions, self.windows)
        if not windows:
            return _alone(fitted, "no times, or a history too short for any window")
        known = [((self.base, False), fitted.tables())]
        pool = self._pool(Snapshot.of(interactions), self.sources, known)
        models = self._learn(self._examples(windows, pool))
        if not models:
            return _alone(fitted, "no candidate was taken in any window")
        rows = self._rank(pool, models)
        tables = fitted.tables()
        fresh, again = rows.get(Goal.NEW, tables.visitors), rows.get(Goal.ALL, tables.repeats)
        return FittedTables(replace(tables, visitors=fresh, repeats=again), pair_matrix(interactions))

    def draft(self, visitors: NDArray[np.int64]) -> TwoStage:
        """With the last label window alone, but all of its candidates, and one vote: not quite as good, in a third of the
        time."""
        return replace(
            self,
            windows=self.windows[-1:],
            new_share=1.0,
            new_ranker=replace(self.new_ranker, votes=1),
            all_ranker=replace(self.all_ranker, votes=1),
            asked=tuple(visitors.tolist()),
        )

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables take in the database; rows of visitors are not counted."""
        of_base = getattr(self.base, "table_bytes", None)
        return of_base(n_items) if of_base is not None else 0

    def _check_lists(self) -> None:
        if not self.goals or not set(self.goals) <= set(Goal):
            raise InvalidInputError("goals", f"expected some of {', '.join(Goal)}; got {self.goals!r}")
        for window in self.windows:
            if len(window) != 2:
                raise InvalidInputError("windows", f"expected pairs of days, got {window!r}")
            for days in window:
                check_whole("windows", days, minimum=1)
        check_real("new_share", self.new_share)
        check_share("new_share", self.new_share)
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise InvalidInputError("sources", "their names must differ")

    def _examples(self, windows: Sequence[Labeled], now: Pool) -> Mapping[Goal, Sequence[Examples]]:
        """The training rows of each goal, in parts, from the sources that ``now`` has; the tables of one window are held
        at a time."""
        shares = {Goal(goal): self.new_share if goal == Goal.NEW else 1.0 for goal in self.goals}
        found: dict[Goal, list[Examples]] = {goal: [] for goal in shares}
        rng = np.random.default_rng(self.seed)
        rows = int(self.memory_budget_mb * _MEGABYTE) // (len(found) * row_bytes(now.sources))
        drawn = draw_visitors(windows, width=now.width(rng), rows=rows, rng=rng)
        for window, visitors in zip(windows, drawn, strict=True):
            pool = self._pool(window.history, now.sources, now.timeless)
            for goal, parts in make_examples(pool, window, visitors, shares, front=self.front).items():
                found[goal] += parts
        return found

    def _learn(self, examples: Mapping[Goal, Sequence[Examples]]) -> dict[Goal, Ranker]:
        """The models of the goals of which there are examples, at the same time."""

        def learn(goal: Goal) -> Ranker:
            ranker = self.new_ranker if goal is Goal.NEW else self.all_ranker
            return ranker.learn(examples[goal], seed=self.seed)

        goals = [goal for goal, parts in examples.items() if parts]
        with ThreadPoolExecutor(self.threads) as workers:
            return dict(zip(goals, workers.map(learn, goals), strict=True))

    def _pool(self, snapshot: Snapshot, sources: Sequence[Source], known: Sequence[Learned]) -> Pool:
        return Pool(snapshot, sources, listed=self.listed, known=known, threads=self.threads)

    def _rank(self, pool: Pool, models: Mapping[Goal, Ranker]) -> Mapping[Goal, SparseRows]:
        """The list of every visitor who has a history, for each goal that there is a model of."""

        def best(goal: Goal, candidates: Candidates) -> Candidates:
            values = pool.features(candidates, repeats=goal is Goal.ALL).values
            return best_of(candidates, models[goal].score(values), self.list_length)

        visitors = np.unique(pool.snapshot.events.visitors).astype(np.int64)
        if self.asked is not None:
            visitors = np.intersect1d(visitors, np.array(self.asked, np.int64))
        lists: dict[Goal, list[Candidates]] = {goal: [] for goal in models}
        with ThreadPoolExecutor(self.threads) as workers:
            ranked: list[tuple[Goal, Future[Candidates]]] = []
            for candidates in pool.candidates(visitors):  # the next ones are found while these are ranked
                _collect(ranked, lists)
                offered = {goal: goal.of(candidates, front=self.front) for goal in models}
                ranked = [
                    (goal, workers.submit(best, goal, some))
                    for goal, some in offered.items()
                    if len(some)  # else they have everything
                ]
            _collect(ranked, lists)
        n_visitors = pool.snapshot.n_visitors
        return {
            goal: rank_rows(parts, n_visitors=n_visitors, count=self.list_length)
            for goal, parts in lists.items()
        }


def _collect(ranked: Sequence[tuple[Goal, Future[Candidates]]], lists: dict[Goal, list[Candidates]]) -> None:
    for goal, done in ranked:
        lists[goal].append(done.result())


def _alone(fitted: FittedRecommender, reason: str) -> FittedRecommender:
    logger.warning("two-stage ranking learns no lists, and the base table serves alone: %s", reason)
    return fitted
