"""The whole order of a recommender: what is said of it needs more than the top of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.evaluation.auc import auc
from personalization.engine.evaluation.split import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.evaluation.split import Split
    from personalization.engine.recommenders.base import FittedRecommender

#: Bytes that one chunk of visitors may take, some 96 for each candidate.
_BYTES: Final = 64 << 20
_BYTES_PER_CANDIDATE: Final = 96


def visitor_auc(
    fitted: FittedRecommender, targets: Targets, split: Split, *, task: Task
) -> NDArray[np.float64]:
    """The `auc` of every visitor over the scores of all candidates: float64 (m,), whatever lists are shown.

    Sorts every item for every visitor, a chunk of visitors at a time: about 0.1 s for a million scores.
    """
    rows = max(1, _BYTES // (_BYTES_PER_CANDIDATE * max(split.train.n_items, 1)))
    parts = [
        _of_chunk(fitted, targets, split, task=task, chunk=slice(start, start + rows))
        for start in range(0, len(targets.visitors), rows)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def relevant_mask(visitors: NDArray[np.int32], targets: Targets, *, n_items: int) -> NDArray[np.bool_]:
    """What is relevant to each of some visitors, ascending, at least one: bool (m, n_items)."""
    low, high = np.searchsorted(
        targets.pairs, [int(visitors[0]) * n_items, (int(visitors[-1]) + 1) * n_items]
    )
    owners, items = np.divmod(targets.pairs[low:high], n_items)
    rows = np.searchsorted(visitors, owners)
    asked = visitors[rows] == owners
    relevant = np.zeros((len(visitors), n_items), dtype=np.bool_)
    relevant[rows[asked], items[asked]] = True
    return relevant


def _of_chunk(
    fitted: FittedRecommender, targets: Targets, split: Split, *, task: Task, chunk: slice
) -> NDArray[np.float64]:
    visitors, n_items = targets.visitors[chunk], split.train.n_items
    items, scores = fitted.recommend(visitors, count=n_items, exclude_seen=task is Task.NEW)
    relevant = relevant_mask(visitors, targets, n_items=n_items)
    listed = (items >= 0) & split.known[items]
    hits = listed & np.take_along_axis(relevant, np.maximum(items, 0), axis=1)
    return auc(hits, listed & ~hits, scores, targets.relevant[chunk], targets.candidates[chunk])
