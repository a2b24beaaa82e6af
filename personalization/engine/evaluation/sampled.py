"""Ranking among a few sampled items, as many papers do. It orders recommenders differently: for comparison only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation.full_order import relevant_mask
from personalization.engine.evaluation.split import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.evaluation.split import Split
    from personalization.engine.recommenders.base import FittedRecommender

#: As in the NCF paper: 99 items beside the one to find.
NEGATIVES: Final = 99
#: Bytes that one chunk of visitors may take, 48 for each candidate.
_BYTES: Final = 32 << 20


def rank_sampled(
    fitted: FittedRecommender,
    targets: Targets,
    split: Split,
    *,
    task: Task,
    count: int,
    negatives: int = NEGATIVES,
    seed: int = 0,
) -> tuple[NDArray[np.int32], Targets]:
    """Lists of a visitor's relevant items and ``negatives`` others, in the order of the full list.

    The others are drawn from the training items that are not relevant to the visitor and, in the task "new", that it
    did not have; the same seed draws the same for every recommender. What the full list lacks stands nowhere.

    Returns int32 (m, count), -1 where a list is short, and the targets with their fewer candidates.
    Raises InvalidInputError naming ``negatives`` when it is below 1.
    He et al., Neural collaborative filtering, WWW 2017; Krichene and Rendle, On sampled metrics for item
    recommendation, KDD 2020, say why not to trust it.
    """
    if negatives < 1:
        raise InvalidInputError("negatives", "expected at least 1")
    rng = np.random.default_rng(seed)
    n_items, known = split.train.n_items, split.known
    rows = max(1, _BYTES // (48 * max(n_items, 1)))
    lists, candidates = [], []
    for start in range(0, len(targets.visitors), rows):
        visitors = targets.visitors[start : start + rows]
        allowed, relevant = _candidates(visitors, targets, split, task=task, known=known)
        chosen = _drawn(allowed, negatives=negatives, rng=rng) | relevant
        items, _ = fitted.recommend(visitors, count=n_items, exclude_seen=task is Task.NEW)
        lists.append(_kept(items, chosen, count=count))
        candidates.append(chosen.sum(axis=1))
    ranked = np.concatenate(lists) if lists else np.zeros((0, count), dtype=np.int32)
    total = np.concatenate(candidates) if candidates else targets.candidates
    return ranked, replace(targets, candidates=total.astype(np.int64))


def _candidates(
    visitors: NDArray[np.int32], targets: Targets, split: Split, *, task: Task, known: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """bool (m, n_items) each: what may be drawn, and what is relevant."""
    n_items, train = split.train.n_items, split.train
    allowed = np.repeat(known[None, :], len(visitors), axis=0)
    if task is Task.NEW:
        places = np.minimum(np.searchsorted(visitors, train.visitors), len(visitors) - 1)
        own = visitors[places] == train.visitors
        allowed[places[own], train.items[own]] = False
    relevant = relevant_mask(visitors, targets, n_items=n_items)
    allowed &= ~relevant
    return allowed, relevant


def _drawn(allowed: NDArray[np.bool_], *, negatives: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Of each row as many allowed places as asked for, or all: bool (m, n_items)."""
    lots = np.where(allowed, rng.random(allowed.shape), np.inf)
    if negatives >= allowed.shape[1]:
        return allowed
    border = np.partition(lots, negatives - 1, axis=1)[:, negatives - 1, None]
    return allowed & (lots <= border)


def _kept(items: NDArray[np.int32], chosen: NDArray[np.bool_], *, count: int) -> NDArray[np.int32]:
    """The first ``count`` chosen items of each full list, in its order."""
    kept = (items >= 0) & np.take_along_axis(chosen, np.maximum(items, 0), axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")[:, :count]
    lists = np.full((len(items), count), -1, dtype=np.int32)
    found = np.take_along_axis(np.where(kept, items, -1), order, axis=1)
    lists[:, : found.shape[1]] = found
    return lists
