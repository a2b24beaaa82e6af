"""What each visitor took, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.recommenders.pairs import decay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Distinct (visitor, time, item), by visitor, then time.

    An order has many items and one time, so nothing says which of them came first: what has the same time is
    shuffled, anew for each epoch, so that no accident of numbering is learned. Without times that is everything.

    visitors, items : int32 (n,)
    times           : int64 (n,); 0 when they are unknown
    weights         : float32 (n,) the decay of each entry
    starts          : int64 (n_visitors + 1,) where each visitor's entries begin
    """

    visitors: NDArray[np.int32]
    items: NDArray[np.int32]
    times: NDArray[np.int64]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, interactions: Interactions, *, decay_days: float | None) -> Sequences:
        times = interactions.times
        known = np.zeros(len(interactions), dtype=np.int64) if times is None else times
        order = np.lexsort((interactions.items, known, interactions.visitors))
        visitors, moments, items = interactions.visitors[order], known[order], interactions.items[order]
        again = (np.diff(visitors) == 0) & (np.diff(moments) == 0) & (np.diff(items) == 0)
        first = np.concatenate(([True], ~again))[: len(order)]
        weights = decay(interactions, decay_days)[order][first].astype(np.float32)
        starts = np.zeros(interactions.n_visitors + 1, dtype=np.int64)
        np.cumsum(np.bincount(visitors[first], minlength=interactions.n_visitors), out=starts[1:])
        return cls(visitors[first], items[first], moments[first], weights, starts)

    def __len__(self) -> int:
        return len(self.items)

    def shuffled(self, rng: np.random.Generator) -> Sequences:
        """The same, with another order of what has the same time."""
        order = np.lexsort((rng.random(len(self)), self.times, self.visitors))
        return Sequences(self.visitors, self.items[order], self.times, self.weights[order], self.starts)

    def windows(self, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Pieces of at most ``length`` steps, each from an item to the one after it; the newest piece is full.

        Returns
        -------
        inputs and targets int64 (m, length): item row + 1, 0 where there is no step, which is on the left;
        weights float32 (m, length) of the targets.
        """
        steps = np.flatnonzero(self.visitors[1:] == self.visitors[:-1]) + 1
        back = self.starts[self.visitors[steps] + 1] - 1 - steps
        piece, column = back // length, length - 1 - back % length
        _, rows = np.unique(
            self.visitors[steps].astype(np.int64) * (len(self) + 1) + piece, return_inverse=True
        )
        shape = (int(rows.max(initial=-1)) + 1, length)
        inputs, targets = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        weights = np.zeros(shape, np.float32)
        inputs[rows, column] = self.items[steps - 1] + 1
        targets[rows, column] = self.items[steps] + 1
        weights[rows, column] = self.weights[steps]
        return inputs, targets, weights

    def newest(self, rows: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """The last ``length`` items of visitors: int64 (m, length), item row + 1, 0 on the left where there are fewer."""
        places = self.starts[rows + 1, None] - length + np.arange(length)
        there = places >= self.starts[rows, None]
        taken = np.concatenate((self.items, [-1]))[np.where(there, places, len(self))]
        return taken.astype(np.int64) + 1
