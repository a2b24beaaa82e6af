"""More than a person can do: machines that nobody marked as such.

Purchases are no spikes. They come from the shop's own orders, and a wholesaler's order of five hundred lines has one
instant for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.types import Kind
from personalization.learning.preprocess.pairs import pair_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays

_MINUTE: Final = 60_000_000
_DAY: Final = 1_440 * _MINUTE

#: Who looks at more than this many things in ten minutes reads none of them: one every two seconds, all the time.
SPIKE: Final = 300
WINDOW: Final = 10 * _MINUTE
#: How often somebody may do something with one item on one day. In a year of a wholesaler's orders the most is 12.
BURST: Final = 50

_DONE_BY_ORDER: Final = (Kind.PURCHASE, Kind.REFUND, Kind.RATE)


def without_spikes(events: EventArrays) -> Left:
    """A visitor with more than `SPIKE` events in one of the day's windows of ten minutes: what it looked at on that
    day is left out, what it bought and rated stays. Days and windows are those of UTC."""
    looking = np.flatnonzero(~np.isin(events.kind, _DONE_BY_ORDER))
    busy = looking[_crowded(events.person[looking], SPIKE)]
    kept = np.ones(len(events), bool)
    at, person = events.occurred_at[busy], events.person[busy]
    inhuman = _crowded(pair_keys(person, _steps(at, WINDOW)), SPIKE)
    days = pair_keys(person, _steps(at, _DAY))
    kept[busy[np.isin(days, days[inhuman])]] = False
    return kept, {"spikes": int(len(events) - kept.sum())}


def without_bursts(events: EventArrays) -> Left:
    """A visitor with more than `BURST` events of one item on one day of UTC: only the first of each kind stays.

    A page that reloads itself looks like that, and so does a counter that sells to everybody under one name.
    """
    pairs = pair_keys(events.person, events.item)
    busy = np.flatnonzero(_crowded(pairs, BURST))
    days = pair_keys(pairs[busy], _steps(events.occurred_at[busy], _DAY))
    crowded = _crowded(days, BURST)
    busy, days = busy[crowded], days[crowded]
    keys = (events.kind[busy], days)
    order = np.lexsort((events.occurred_at[busy], *keys))
    again = np.zeros(len(busy), bool)
    again[1:] = np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys])
    kept = np.ones(len(events), bool)
    kept[busy[order[again]]] = False
    return kept, {"bursts": int(len(events) - kept.sum())}


def _steps(at: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """In which stretch of that length each instant lies, counted from the first: int64 (n,)."""
    steps = at // length
    return steps - steps.min(initial=0) if len(steps) else steps


def _crowded(keys: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Which stand among the keys more than ``most`` times: bool (n,)."""
    _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(counts[places] > most)
