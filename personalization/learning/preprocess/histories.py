"""Histories of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays


def newest_of_each(events: EventArrays, *, most: int | None) -> Left:
    """Of each visitor the newest events only; of equally new ones those of the lower item, then of the lower kind.

    Work grows with the square of the longest histories, and one of thousands tells of a counter rather than a taste.
    """
    kept = np.ones(len(events), bool)
    if most is not None:
        newest_first = np.lexsort((events.kind, events.item, -events.occurred_at, events.person))
        _, starts, counts = np.unique(events.person[newest_first], return_index=True, return_counts=True)
        places = np.arange(len(events)) - np.repeat(starts, counts)
        kept[newest_first[places >= most]] = False
    return kept, {"capped": int(len(events) - kept.sum())}
