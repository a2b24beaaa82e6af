"""Recommenders side by side on files, with what they cost. No database."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.evaluation import (
    Interval,
    PairedTest,
    RatingTest,
    TrainingProfile,
    check_ks,
    exposure,
    find_hits,
    find_targets,
    intervals,
    paired_tests,
    rank,
    rank_sampled,
    resampled_means,
    visitor_auc,
    visitor_values,
)
from personalization.engine.evaluation.serendipity import expected_places, serendipity
from personalization.engine.memory import peak_rss_mb
from personalization.engine.recommenders.popularity import Popularity
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.evaluation import Split, Task
    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.recommenders.base import FittedRecommender, Recommender

#: Nobody reads further down a list, and longer ones would only take memory.
LONGEST_LIST: Final = 1_000
#: Draws of visitors behind an interval and a test.
RESAMPLES: Final = 1_000
#: In this order in every table; the first are of accuracy.
ACCURACY: Final = ("recall", "precision", "f1", "ndcg", "hit")
BEYOND: Final = (
    "map",
    "mrr",
    "novelty",
    "diversity",
    "serendipity",
    "category_calibration",
    "popularity_calibration",
    "popularity_bias",
)


class Protocol(StrEnum):
    """What a recommender chooses from."""

    FULL = "full"  #: every item of training
    SAMPLED = "sampled"  #: a visitor's relevant items and some drawn ones; for comparison with papers only


@dataclass(frozen=True, slots=True)
class Trial:
    """What one recommender did: means and costs; for what has a value per visitor, its interval and the paired test
    against the best sellers; where it predicts ratings and some are known, its errors."""

    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]
    against_popularity: Mapping[str, PairedTest]
    rating_errors: Mapping[str, float] = field(default_factory=dict)


class OfflineTest:
    """One split, one task, some list lengths; `try_out` recommenders on it.

    Raises InvalidInputError naming ``k``, or ``test`` when no visitor of the test file can be answered.
    """

    def __init__(
        self,
        split: Split,
        *,
        task: Task,
        ks: Sequence[int],
        protocol: Protocol = Protocol.FULL,
        seed: int = 0,
    ) -> None:
        check_ks(ks)
        if max(ks) > LONGEST_LIST:
            raise InvalidInputError("ks", f"lists hold at most {LONGEST_LIST} items")
        self.split, self.task, self.ks, self.protocol, self.seed = split, task, ks, protocol, seed
        self.targets: Targets = find_targets(split, task)
        self.ratings: RatingTest = RatingTest.of(split)
        if not len(self.targets.visitors):
            raise InvalidInputError(
                "test", f"no visitor took an item of the training file (task {task})", code="empty"
            )

    def try_out(self, recommenders: Mapping[str, Recommender]) -> Iterator[tuple[str, Trial]]:
        """Alias and trial, one recommender after the other.

        Figures: metrics at each k, ``auc`` of the whole order, ``fit_seconds`` and ``score_seconds_per_1000_visitors`` (wall clock), and
        ``peak_rss_mb``: the most memory of this process so far.
        """
        for alias, recommender in recommenders.items():
            yield alias, self._trial(recommender)

    def summary(self) -> dict[str, Any]:
        """What is the same for all recommenders."""
        return {
            "task": self.task.value,
            "visitors": len(self.targets.visitors),
            "dropped_relevant": self.targets.dropped,
        }

    def _trial(self, recommender: Recommender) -> Trial:
        started = time.perf_counter()
        fitted = recommender.fit(self.split.train)
        learned = time.perf_counter()
        ranked, targets = self._ranked(fitted)
        scored = time.perf_counter()
        values = self._values(ranked, targets, fitted)
        figures = {name: float(of_visitors.mean()) for name, of_visitors in values.items()}
        figures |= exposure(ranked, self.split, ks=self.ks)
        costs = {
            "fit_seconds": round(learned - started, 4),
            "score_seconds_per_1000_visitors": round(1000 * (scored - learned) / len(ranked), 4),
            "peak_rss_mb": peak_rss_mb(),
        }
        rounded = {name: round(figures[name], 6) for name in self._names if name in figures}
        return Trial(
            {**rounded, **costs},
            self._intervals(values),
            self._against_popularity(values),
            self.ratings.errors(fitted),
        )

    @property
    def _names(self) -> list[str]:
        metrics = (*ACCURACY, "coverage", *BEYOND, "gini")
        return [*(f"{metric}@{k}" for k in self.ks for metric in metrics), "auc"]

    @cached_property
    def _profile(self) -> TrainingProfile:
        return TrainingProfile.of(self.split.train)

    @cached_property
    def _popularity(self) -> FittedRecommender:
        return Popularity().fit(self.split.train)

    @cached_property
    def _best_sellers(self) -> tuple[NDArray[np.int32], Targets]:
        return self._ranked(self._popularity)

    @cached_property
    def _popularity_values(self) -> dict[str, NDArray[np.float64]]:
        return self._values(*self._best_sellers, self._popularity)

    def _ranked(self, fitted: FittedRecommender) -> tuple[NDArray[np.int32], Targets]:
        if self.protocol is Protocol.SAMPLED:
            return rank_sampled(
                fitted, self.targets, self.split, task=self.task, count=max(self.ks), seed=self.seed
            )
        return rank(fitted, self.targets, task=self.task, count=max(self.ks)), self.targets

    def _values(
        self, ranked: NDArray[np.int32], targets: Targets, fitted: FittedRecommender
    ) -> dict[str, NDArray[np.float64]]:
        values = visitor_values(ranked, targets, self.split, ks=self.ks)
        values |= self._profile.measure(ranked, targets.visitors, ks=self.ks)
        hits, best_sellers = find_hits(ranked, targets, self.split), self._best_sellers[0]
        for k in self.ks:
            expected = expected_places(ranked[:, :k], best_sellers[:, :k], n_items=self.split.train.n_items)
            values[f"serendipity@{k}"] = serendipity(hits[:, :k], expected)
        # Of all items whatever the protocol: an AUC among sampled ones estimates this one.
        values["auc"] = visitor_auc(fitted, self.targets, self.split, task=self.task)
        return values

    def _intervals(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Interval]:
        means = resampled_means(_columns(values), resamples=RESAMPLES, rng=self._rng())
        return dict(zip(values, intervals(means), strict=True))

    def _against_popularity(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, PairedTest]:
        tests = paired_tests(
            _columns(values), _columns(self._popularity_values), resamples=RESAMPLES, rng=self._rng()
        )
        return dict(zip(values, tests, strict=True))

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def _columns(values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.stack(list(values.values()), axis=1)
