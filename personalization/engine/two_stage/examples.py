"""Training rows for a ranker: candidates of the past, and whether they were taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.two_stage.goal import Goal
from personalization.engine.two_stage.sampling import draw_candidates

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    pool: Pool, labeled: Labeled, rows: NDArray[np.int64], shares: Mapping[Goal, float], *, front: int
) -> dict[Goal, list[Examples]]:
    """For each goal, examples of the visitors among ``rows`` who took at least one of their candidates, in parts.

    shares : goal → how many of the candidates that were not taken become examples
    front  : as in `Goal.of`
    """
    found: dict[Goal, list[Examples]] = {goal: [] for goal in shares}
    for candidates in pool.candidates(rows):
        for goal, share in shares.items():
            part = _of_chunk(pool, labeled, goal.of(candidates, front=front), goal, share)
            found[goal] += [] if part is None else [part]
    return found


def _of_chunk(
    pool: Pool, labeled: Labeled, candidates: Candidates, goal: Goal, share: float
) -> Examples | None:
    pairs = candidates.visitors * max(labeled.history.n_items, 1) + candidates.items
    taken = np.isin(pairs, labeled.taken)
    kept = np.isin(candidates.visitors, candidates.visitors[taken])
    if not kept.any():
        return None
    candidates, pairs, taken = candidates.take(kept), pairs[kept], taken[kept]
    features = pool.features(candidates, repeats=goal is Goal.ALL)  # places are among all candidates
    drawn = draw_candidates(pairs, taken, share)
    return Examples(features.names, features.values[drawn], taken[drawn], candidates.take(drawn).sizes)
