"""What each visitor has: one line for each distinct (visitor, item) pair, with its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.two_stage.baskets import Baskets

#: Time constants of the decayed counts, in days.
DECAYS: Final = (30, 60, 120)
#: So many of a visitor's baskets are its latest ones.
LATEST: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """Parallel arrays (p,), ascending by ``keys``.

    keys     : int64  visitor · n_items + item
    visitors, items : int64
    counts   : float64  baskets that hold the item
    decayed  : float64 (len(DECAYS), p)  Σ over those baskets of exp(-age / days)
    newest, oldest : float64  age of the last and the first of them, in days
    place    : int64  place of the last of them among the visitor's baskets, 0 for its latest
    latest   : float64  how many of the visitor's `LATEST` latest baskets hold it
    """

    keys: NDArray[np.int64]
    visitors: NDArray[np.int64]
    items: NDArray[np.int64]
    counts: NDArray[np.float64]
    decayed: NDArray[np.float64]
    newest: NDArray[np.float64]
    oldest: NDArray[np.float64]
    place: NDArray[np.int64]
    latest: NDArray[np.float64]

    @classmethod
    def of(cls, events: Interactions, ages: NDArray[np.float64], baskets: Baskets) -> Owned:
        """From entries in the order visitor, item, time."""
        width = max(events.n_items, 1)
        every = events.visitors.astype(np.int64) * width + events.items
        order = np.lexsort((baskets.of_entry, every))
        pairs, of_entry = every[order], baskets.of_entry[order]
        first = np.flatnonzero((np.diff(pairs, prepend=-1) != 0) | (np.diff(of_entry, prepend=-1) != 0))
        pairs, of_entry, old = pairs[first], of_entry[first], ages[order][first]
        starts = np.flatnonzero(np.diff(pairs, prepend=-1))
        keys, places = pairs[starts], baskets.places[of_entry]
        numbers = np.cumsum(np.diff(pairs, prepend=-1) != 0) - 1
        return cls(
            keys,
            keys // width,
            keys % width,
            np.bincount(numbers, minlength=len(keys)).astype(np.float64),
            np.stack([np.bincount(numbers, np.exp(-old / days), len(keys)) for days in DECAYS]),
            _reduced(np.minimum, old, starts),
            _reduced(np.maximum, old, starts),
            _reduced(np.minimum, places, starts),
            np.bincount(numbers[places < LATEST], minlength=len(keys)).astype(np.float64),
        )

    def find(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(lines int64 (c,), whether there is one bool (c,)) of some keys; a line without one is any."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        lines = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return lines, self.keys[lines] == keys


def _reduced(how: np.ufunc, values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(how.reduceat(values, starts)) if len(starts) else values
