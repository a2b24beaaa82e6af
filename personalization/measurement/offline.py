"""Recommenders side by side on files, with what they cost. No database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.evaluation import check_ks, find_targets, measure, rank
from personalization.engine.memory import peak_rss_mb
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from personalization.engine.evaluation import Split, Task
    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.recommenders.base import Recommender

#: Nobody reads further down a list, and longer ones would only take memory.
LONGEST_LIST: Final = 1_000


class OfflineTest:
    """One split, one task, some list lengths; `try_out` recommenders on it.

    Raises InvalidInputError naming ``k``, or ``test`` when no visitor of the test file can be answered.
    """

    def __init__(self, split: Split, *, task: Task, ks: Sequence[int]) -> None:
        check_ks(ks)
        if max(ks) > LONGEST_LIST:
            raise InvalidInputError("ks", f"lists hold at most {LONGEST_LIST} items")
        self.split, self.task, self.ks = split, task, ks
        self.targets: Targets = find_targets(split, task)
        if not len(self.targets.visitors):
            raise InvalidInputError(
                "test", f"no visitor took an item of the training file (task {task})", code="empty"
            )

    def try_out(self, recommenders: Mapping[str, Recommender]) -> Iterator[tuple[str, dict[str, float]]]:
        """Alias and figures, one recommender after the other.

        Metrics at each k, ``fit_seconds`` and ``score_seconds_per_1000_visitors`` (wall clock), and ``peak_rss_mb``:
        the most memory of this process so far.
        """
        for alias, recommender in recommenders.items():
            yield alias, self._figures(recommender)

    def summary(self) -> dict[str, Any]:
        """What is the same for all recommenders."""
        return {
            "task": self.task.value,
            "visitors": len(self.targets.visitors),
            "dropped_relevant": self.targets.dropped,
        }

    def _figures(self, recommender: Recommender) -> dict[str, float]:
        started = time.perf_counter()
        fitted = recommender.fit(self.split.train)
        learned = time.perf_counter()
        ranked = rank(fitted, self.targets, task=self.task, count=max(self.ks))
        scored = time.perf_counter()
        figures = measure(ranked, self.targets, self.split, ks=self.ks)
        return {
            **{name: round(figure, 6) for name, figure in figures.items()},
            "fit_seconds": round(learned - started, 4),
            "score_seconds_per_1000_visitors": round(1000 * (scored - learned) / len(ranked), 4),
            "peak_rss_mb": peak_rss_mb(),
        }
