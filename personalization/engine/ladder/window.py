"""What recommenders are compared on before one of them is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.evaluation import Split, Task, find_targets, held_out, temporal_split
from personalization.engine.lots import lots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.interactions import Interactions

#: The last part of the time span, or the part of each visitor's items where times are unknown, that is held back.
HELD_BACK: Final = 0.2
#: Fewer visitors say nothing about quality; more add nothing but time.
FEWEST_VISITORS: Final = 20
MOST_VISITORS: Final = 1_500


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A split of the shop's own past, and for each goal that can be tried on it whom it asks for what."""

    split: Split
    targets: Mapping[Task, Targets]


def latest_window(interactions: Interactions) -> Window | None:
    """The newest `HELD_BACK` of the time; where times are unknown that share of everybody's items, drawn by their rows.

    Only goals with at least `FEWEST_VISITORS` are there. Without times nobody can tell what is taken again, so the
    goal "all" is not. None when no goal is left.
    """
    split = _by_time(interactions) if interactions.times is not None else _by_lot(interactions)
    goals = (Task.NEW, Task.ALL) if interactions.times is not None else (Task.NEW,)
    found = {goal: _thinned(find_targets(split, goal)) for goal in goals} if len(split.train) else {}
    usable = {goal: targets for goal, targets in found.items() if len(targets.visitors) >= FEWEST_VISITORS}
    return Window(split, usable) if usable else None


def _by_time(interactions: Interactions) -> Split:
    times = interactions.times
    if times is None or not len(times):
        return temporal_split(interactions, at=0)
    newest = int(times.max())
    return temporal_split(interactions, at=int(newest - (newest - int(times.min())) * HELD_BACK))


def _by_lot(interactions: Interactions) -> Split:
    pairs = interactions.visitors.astype(np.int64) * max(interactions.n_items, 1) + interactions.items
    drawn = lots(pairs) < HELD_BACK
    train = interactions.take(~drawn)
    return Split(train, held_out(train, interactions.visitors[drawn], interactions.items[drawn]))


def _thinned(targets: Targets) -> Targets:
    return targets.every(-(-len(targets.visitors) // MOST_VISITORS) or 1)
