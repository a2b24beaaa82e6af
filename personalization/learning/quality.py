"""How good a recommender is on the shop's own data: learned from the past, tried on the days after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalization.engine.evaluation import Task, rank
from personalization.engine.evaluation import measure as figures
from personalization.engine.ladder.window import FEWEST_VISITORS, latest_window
from personalization.engine.recommenders.popularity import Popularity

if TYPE_CHECKING:
    from personalization.engine.evaluation import Split
    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender

COUNT: Final = 10


def measure(recommender: Recommender, interactions: Interactions) -> dict[str, Any]:
    """recall@10 and ndcg@10 of new items, beside popularity; or ``{"skipped": why}``.

    Learned without the shop's `latest_window`, tried on what that brought that was new for its visitor. Every item is a
    candidate.
    """
    window = latest_window(interactions)
    targets = None if window is None else window.targets.get(Task.NEW)
    if window is None or targets is None:
        return {
            "skipped": f"too few visitors who had been there took up something new; {FEWEST_VISITORS} are needed"
        }
    baseline = _judge(Popularity(), window.split, targets)
    return {
        **_judge(recommender, window.split, targets),
        "popularity": baseline,
        "visitors": len(targets.visitors),
    }


def _judge(recommender: Recommender, split: Split, targets: Targets) -> dict[str, float]:
    ranked = rank(recommender.fit(split.train), targets, task=Task.NEW, count=COUNT)
    measured = figures(ranked, targets, split, ks=(COUNT,))
    return {name: round(measured[name], 4) for name in (f"recall@{COUNT}", f"ndcg@{COUNT}")}
