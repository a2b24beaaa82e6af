"""What was taken together: orders, or without them what one visitor did at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True, eq=False)
class Baskets:
    """Numbered by visitor, then time.

    of_entry : int64 (n,) the basket of each entry
    visitors : int64 (b,) whose each is
    times    : int64 (b,) its earliest time, UTC microseconds
    places   : int64 (b,) 0 for a visitor's latest basket, 1 for the one before …
    """

    of_entry: NDArray[np.int64]
    visitors: NDArray[np.int64]
    times: NDArray[np.int64]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, events: Interactions) -> Baskets:
        """Of entries with times; entries of no order, or where orders are unknown, go by their instant."""
        assert events.times is not None  # noqa: S101  # a snapshot has times
        ordered = np.zeros(len(events), np.bool_) if events.orders is None else events.orders >= 0
        marks = events.times if events.orders is None else np.where(ordered, events.orders, events.times)
        numbers = _numbered(events.visitors, ordered, marks)
        count = int(numbers.max(initial=-1)) + 1
        times = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(times, numbers, events.times)
        visitors = np.zeros(count, np.int64)
        visitors[numbers] = events.visitors
        order = np.lexsort((times, visitors))
        new = np.empty(count, np.int64)
        new[order] = np.arange(count)
        visitors, times = visitors[order], times[order]
        last = np.searchsorted(visitors, visitors, side="right") - 1
        return cls(new[numbers], visitors, times, last - np.arange(count))


def _numbered(*columns: NDArray[np.generic]) -> NDArray[np.int64]:
    """A number for each distinct row of the columns: int64 (n,)."""
    order = np.lexsort(columns[::-1])
    changes = np.zeros(len(order), np.bool_)
    for column in columns:
        changes[1:] |= column[order][1:] != column[order][:-1]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(changes)
    return numbers
