"""What recommenders are compared on before one of them is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.evaluation import (
    Split,
    Task,
    find_targets,
    held_out,
    leave_last_out,
    temporal_split,
)
from personalization.engine.lots import lots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.interactions import Interactions

#: The last part of the time span, or the part of each visitor's items where times are unknown, that is held back.
HELD_BACK: Final = 0.2
#: Fewer visitors say nothing about quality.
FEWEST_VISITORS: Final = 20
#: With 1,500 visitors two item tables that differed by 10 % on a test of books changed places by chance; more than these
#: add little but time.
MOST_VISITORS: Final = 6_000
#: How many times as many everybody's newest entry must ask where fewer than `ENOUGH` came back. It is a worse test: what
#: others did later is known to it.
OFTEN: Final = 10
ENOUGH: Final = 150


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A split of the shop's own past, and for each goal that can be tried on it whom it asks for what."""

    split: Split
    targets: Mapping[Task, Targets]

    @property
    def visitors(self) -> NDArray[np.int64]:
        """Everybody whom a goal asks for, ascending."""
        return np.unique(np.concatenate([one.visitors for one in self.targets.values()])).astype(np.int64)


def latest_window(interactions: Interactions) -> Window | None:
    """The newest `HELD_BACK` of the time, and of those who came then everybody with a history before.

    Where fewer than `ENOUGH` came back, as where every visit is a visitor of its own, everybody's newest entry instead,
    if that asks `OFTEN` times as many. Where times are unknown, `HELD_BACK` of everybody's items, drawn by their rows;
    nobody can tell then what is taken again, so the goal "all" is not there. Only goals with at least `FEWEST_VISITORS`
    are. None when no goal is left.
    """
    if interactions.times is None:
        return _window(_by_lot(interactions), (Task.NEW,))
    window = _window(_by_time(interactions), tuple(Task))
    if _asked(window) >= ENOUGH:
        return window
    last = _window(leave_last_out(interactions), tuple(Task))
    return last if last is not None and _asked(last) > OFTEN * _asked(window) else window


def _window(split: Split, goals: Sequence[Task]) -> Window | None:
    if not len(split.train):
        return None
    found = {goal: _known(find_targets(split, goal), split) for goal in goals}
    usable = {goal: targets for goal, targets in found.items() if len(targets.visitors) >= FEWEST_VISITORS}
    return Window(split, usable) if usable else None


def _asked(window: Window | None) -> int:
    """How many visitors the goal with the most of them has."""
    return 0 if window is None else max(len(targets.visitors) for targets in window.targets.values())


def _known(targets: Targets, split: Split) -> Targets:
    """At most `MOST_VISITORS` of those with a history: what newcomers are shown tells nothing of who is alike."""
    known = targets.take(np.isin(targets.visitors, split.train.visitors))
    return known.every(-(-len(known.visitors) // MOST_VISITORS) or 1)


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
