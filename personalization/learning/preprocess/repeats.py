"""The same thing told twice happened once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays


def first_of_each(events: EventArrays) -> Left:
    """The first of each (person, item, kind, time): the same thing reported twice, or a line that was split."""
    keys = (events.occurred_at, events.kind, events.item, events.person)
    order = np.lexsort(keys)  # stable: the first one stored stays first
    new = np.zeros(len(events), bool)
    new[:1] = True
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    kept = np.zeros(len(events), bool)
    kept[order[new]] = True
    return kept, {"duplicates": int(len(events) - kept.sum())}
