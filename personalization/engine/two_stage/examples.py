"""Training rows for a ranker: candidates of the past, and whether they were taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.two_stage.goal import Goal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.candidates import Candidates
    from personalization.engine.two_stage.pool import Pool
    from personalization.engine.two_stage.windows import Labeled


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Groups of rows, one group for each visitor of a window.

    names  : what each column is
    values : float32 (c, f)
    taken  : bool (c,)
    groups : int64 (g,) rows of each group, in order; Σ groups = c
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    taken: NDArray[np.bool_]
    groups: NDArray[np.int64]


def make_examples(
    pool: Pool, labeled: Labeled, rows: NDArray[np.int64], goals: Sequence[Goal]
) -> dict[Goal, list[Examples]]:
    """For each goal, examples of the visitors among ``rows`` who took at least one of their candidates, in parts."""
    found: dict[Goal, list[Examples]] = {goal: [] for goal in goals}
    for candidates in pool.candidates(rows):
        for goal in goals:
            part = _of_chunk(pool, labeled, goal.of(candidates), goal)
            found[goal] += [] if part is None else [part]
    return found


def _of_chunk(pool: Pool, labeled: Labeled, candidates: Candidates, goal: Goal) -> Examples | None:
    keys = candidates.visitors * max(labeled.history.n_items, 1) + candidates.items
    hits = np.isin(keys, labeled.taken)
    lucky = np.unique(candidates.visitors[hits])
    if not len(lucky):
        return None
    kept = np.isin(candidates.visitors, lucky)
    candidates = candidates.take(kept)
    features = pool.features(candidates, repeats=goal is Goal.ALL)
    return Examples(features.names, features.values, hits[kept], candidates.sizes)
