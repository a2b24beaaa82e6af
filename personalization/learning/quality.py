"""How good a recommender is on the shop's own data: learned from the past, tried on the days after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalization.engine.evaluation import Task, find_targets, rank, temporal_split
from personalization.engine.evaluation import measure as figures
from personalization.engine.ladder.window import FEWEST_VISITORS, HELD_BACK
from personalization.engine.recommenders.popularity import Popularity

if TYPE_CHECKING:
    from personalization.engine.evaluation import Split
    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender

#: More visitors add nothing but time.
MOST_VISITORS: Final = 1_000
COUNT: Final = 10


def measure(recommender: Recommender, interactions: Interactions) -> dict[str, Any]:
    """recall@10 and ndcg@10 of new items, beside popularity; or ``{"skipped": why}``.

    Learned from the first 80 % of the time span, tried on what the rest brought that was new for its visitor. Every
    item is a candidate; means over at most `MOST_VISITORS` visitors.
    """
    times = interactions.times
    if times is None or not len(times):
        return {"skipped": "the times of the events are unknown"}
    cut = int(times.max() - (times.max() - times.min()) * HELD_BACK)
    split = temporal_split(interactions, at=cut)
    targets = _sampled(find_targets(split, Task.NEW))
    visitors = len(targets.visitors)
    if visitors < FEWEST_VISITORS:
        return {"skipped": f"{visitors} visitors took up something new; {FEWEST_VISITORS} are needed"}
    baseline = _judge(Popularity(), split, targets)
    return {**_judge(recommender, split, targets), "popularity": baseline, "visitors": visitors}


def _sampled(targets: Targets) -> Targets:
    step = -(-len(targets.visitors) // MOST_VISITORS) or 1
    return targets.every(step)


def _judge(recommender: Recommender, split: Split, targets: Targets) -> dict[str, float]:
    ranked = rank(recommender.fit(split.train), targets, task=Task.NEW, count=COUNT)
    measured = figures(ranked, targets, split, ks=(COUNT,))
    return {name: round(measured[name], 4) for name in (f"recall@{COUNT}", f"ndcg@{COUNT}")}
