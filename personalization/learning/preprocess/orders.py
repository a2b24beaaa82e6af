"""What was bought together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.types import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.store.extract import EventArrays


def order_numbers(events: EventArrays) -> NDArray[np.int64]:
    """The number of each purchase's order, in the order in which they first stand among the events: int64 (n,).

    Purchases without the key of an order are of one when the same person made them at the same instant. -1: no
    purchase.
    """
    numbers = np.full(len(events), -1, np.int64)
    bought = np.flatnonzero(events.kind == Kind.PURCHASE)
    if not len(bought):
        return numbers
    keyless = events.order[bought] < 0
    names = np.where(keyless, events.occurred_at[bought], events.order[bought])
    keys = (names, keyless, events.person[bought])
    order = np.lexsort(keys)  # stable: within an order the first one stays first
    new = np.ones(len(bought), bool)
    new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    firsts = order[new]
    ranks = np.empty(len(firsts), np.int64)
    ranks[np.argsort(firsts)] = np.arange(len(firsts))
    numbers[bought[order]] = np.repeat(ranks, np.diff(np.flatnonzero(new), append=len(bought)))
    return numbers
