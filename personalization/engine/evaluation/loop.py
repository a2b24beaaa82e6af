"""Full-ranking evaluation: every training item is a candidate, for every visitor who took something later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation.average_precision import average_precision
from personalization.engine.evaluation.coverage import coverage
from personalization.engine.evaluation.f1 import f1
from personalization.engine.evaluation.full_order import visitor_auc
from personalization.engine.evaluation.gini import gini
from personalization.engine.evaluation.hit import hit
from personalization.engine.evaluation.ndcg import ndcg
from personalization.engine.evaluation.precision import precision
from personalization.engine.evaluation.recall import recall
from personalization.engine.evaluation.reciprocal_rank import reciprocal_rank
from personalization.engine.evaluation.split import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.evaluation.split import Split
    from personalization.engine.recommenders.base import FittedRecommender

    Metric: TypeAlias = Callable[[NDArray[np.bool_], NDArray[np.int64]], NDArray[np.float64]]

#: Name → metric of one visitor's list; the mean over visitors is reported.
METRICS: Final[Mapping[str, Metric]] = {
    "recall": recall,
    "precision": precision,
    "f1": f1,
    "ndcg": ndcg,
    "hit": hit,
    "map": average_precision,
    "mrr": reciprocal_rank,
}

#: Figures of all lists together.
EXPOSURE: Final = ("coverage", "gini")


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What a task asks for.

    visitors : int32 (m,) ascending, those with at least one relevant item that can be recommended
    relevant : int64 (m,) how many such items each has
    pairs    : int64, ascending ``visitor · n_items + item`` of all of them
    dropped  : relevant pairs whose item was never seen in training
    candidates : int64 (m,) how many items could stand in each one's list
    """

    visitors: NDArray[np.int32]
    relevant: NDArray[np.int64]
    pairs: NDArray[np.int64]
    dropped: int
    candidates: NDArray[np.int64]

    def every(self, step: int) -> Targets:
        """Each step-th visitor only."""
        return self.take(slice(None, None, step))

    def take(self, chosen: NDArray[np.bool_] | slice) -> Targets:
        """Some of the visitors only."""
        kept = self.visitors[chosen], self.relevant[chosen], self.candidates[chosen]
        return Targets(kept[0], kept[1], self.pairs, self.dropped, kept[2])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one recommender: ``metrics`` maps ``"recall@10"`` … to a mean; empty without visitors.

    ``"auc"``, which is of the whole order, has no list length.
    """

    task: Task
    visitors: int
    dropped_relevant: int
    metrics: Mapping[str, float]


def evaluate_fitted(
    fitted: FittedRecommender,
    split: Split,
    *,
    task: Task,
    ks: Sequence[int] = (10,),
    full_order: bool = True,
) -> Evaluation:
    """Recommend to every visitor of the test part and compare. Without ``full_order`` there is no ``"auc"``, for which
    every item must be sorted.

    Raises InvalidInputError naming ``ks`` when there is none or one is below 1.
    """
    check_ks(ks)
    targets = find_targets(split, task)
    figures = measure(rank(fitted, targets, task=task, count=max(ks)), targets, split, ks=ks)
    if figures and full_order:
        figures["auc"] = float(visitor_auc(fitted, targets, split, task=task).mean())
    return Evaluation(task, len(targets.visitors), targets.dropped, figures)


def check_ks(ks: Sequence[int]) -> None:
    """Raise InvalidInputError naming ``ks`` unless there are list lengths, each at least 1."""
    if not ks or min(ks) < 1:
        raise InvalidInputError("ks", "expected list lengths of at least 1")


def find_targets(split: Split, task: Task) -> Targets:
    """The relevant pairs of a task: the new ones or all; items never seen in training are dropped, counted."""
    test = split.test
    relevant = ~test.repeat if task is Task.NEW else np.ones_like(test.repeat)
    findable = relevant & split.known[test.items]
    pairs = np.sort(test.visitors[findable].astype(np.int64) * split.train.n_items + test.items[findable])
    visitors, counts = np.unique(test.visitors[findable], return_counts=True)
    candidates = np.full(len(visitors), split.known.sum(), dtype=np.int64)
    if task is Task.NEW:
        candidates -= _had(split)[visitors]
    dropped = int(relevant.sum() - findable.sum())
    return Targets(visitors, counts.astype(np.int64), pairs, dropped, candidates)


def rank(fitted: FittedRecommender, targets: Targets, *, task: Task, count: int) -> NDArray[np.int32]:
    """The lists: int32 (m, count), -1 where one is short. In the task "new" training items are left out."""
    items, _ = fitted.recommend(targets.visitors, count=count, exclude_seen=task is Task.NEW)
    return items


def measure(
    ranked: NDArray[np.int32], targets: Targets, split: Split, *, ks: Sequence[int]
) -> dict[str, float]:
    """Metric name with ``@k`` → mean over the visitors (coverage and Gini: of all lists together)."""
    if not len(targets.visitors):
        return {}
    values = visitor_values(ranked, targets, split, ks=ks)
    shown = exposure(ranked, split, ks=ks)
    figures: dict[str, float] = {}
    for k in ks:
        figures |= {f"{name}@{k}": float(values[f"{name}@{k}"].mean()) for name in METRICS}
        figures |= {f"{name}@{k}": shown[f"{name}@{k}"] for name in EXPOSURE}
    return figures


def visitor_values(
    ranked: NDArray[np.int32], targets: Targets, split: Split, *, ks: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    """Metric name with ``@k`` → float64 (m,): what the means and their intervals are made of."""
    hits = find_hits(ranked, targets, split)
    values: dict[str, NDArray[np.float64]] = {}
    for k in ks:
        for name, metric in METRICS.items():
            values[f"{name}@{k}"] = metric(hits[:, :k], targets.relevant)
    return values


def find_hits(ranked: NDArray[np.int32], targets: Targets, split: Split) -> NDArray[np.bool_]:
    """bool (m, k): that place of the list holds a relevant item."""
    keys = targets.visitors[:, None].astype(np.int64) * split.train.n_items + ranked
    return np.asarray(np.isin(keys, targets.pairs) & (ranked >= 0))


def exposure(ranked: NDArray[np.int32], split: Split, *, ks: Sequence[int]) -> dict[str, float]:
    """How the lists together treat the catalog: ``coverage@k`` and ``gini@k``."""
    possible = split.possible
    figures: dict[str, float] = {}
    for k in ks:
        figures[f"coverage@{k}"] = coverage(ranked[:, :k], possible)
        figures[f"gini@{k}"] = gini(ranked[:, :k], possible)
    return figures


def _had(split: Split) -> NDArray[np.int64]:
    """int64 (n_visitors,): how many distinct items each has in training."""
    width = max(split.train.n_items, 1)
    pairs = np.unique(split.train.visitors.astype(np.int64) * width + split.train.items)
    return np.bincount(pairs // width, minlength=split.train.n_visitors)
