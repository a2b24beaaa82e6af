"""Label windows: what was known before an instant, and what visitors took after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.two_stage.snapshot import DAY, Snapshot
from personalization.engine.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True, eq=False)
class Labeled:
    """A window inside training.

    history : what happened before the window began
    taken   : int64, ascending, distinct ``visitor · n_items + item`` of what was taken in the window by visitors who
              have a history
    """

    history: Snapshot
    taken: NDArray[np.int64]

    @property
    def visitors(self) -> NDArray[np.int64]:
        """Those who took something, ascending."""
        return np.unique(self.taken // max(self.history.n_items, 1))


def label_windows(interactions: Interactions, windows: Sequence[tuple[int, int]]) -> list[Labeled]:
    """The windows for which there is a history at least half as long as they are, and somebody to learn from.

    Parameters
    ----------
    interactions : those without times give no window
    windows      : (days from the window's begin to ``as_of``, days that it lasts)
    """
    times = interactions.times
    if times is None or not len(times):
        return []
    end = int(times.max()) if interactions.as_of is None else interactions.as_of
    found = []
    for before, length in windows:
        start = end - before * DAY
        if start - int(times.min()) >= length * DAY // 2:
            window = _labeled(interactions, start, start + length * DAY)
            found += [window] if len(window.taken) else []
    return found


def _labeled(interactions: Interactions, start: int, stop: int) -> Labeled:
    times = interactions.times
    assert times is not None  # noqa: S101  # checked by the caller
    history = interactions.take(times < start, as_of=start)
    known = np.zeros(interactions.n_visitors, np.bool_)
    known[history.visitors] = True
    inside = (times >= start) & (times <= stop) & known[interactions.visitors] & _wanted(interactions)
    pairs = interactions.visitors[inside].astype(np.int64) * interactions.n_items + interactions.items[inside]
    return Labeled(Snapshot.of(history), np.unique(pairs))


def _wanted(interactions: Interactions) -> NDArray[np.bool_]:
    """bool (n,): purchases; everything where kinds are unknown or nobody bought anything."""
    if interactions.kinds is None:
        return np.ones(len(interactions), np.bool_)
    bought = interactions.kinds == Kind.PURCHASE
    return bought if bought.any() else np.ones(len(bought), np.bool_)
