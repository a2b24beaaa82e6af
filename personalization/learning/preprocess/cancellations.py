"""What was cancelled never happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.types import Kind
from personalization.learning.preprocess.pairs import pair_keys

if TYPE_CHECKING:
    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays


def net_of_refunds(events: EventArrays) -> Left:
    """Refunds are subtracted from the purchases of the same person and item; what is used up goes with them."""
    refund, purchase = events.kind == Kind.REFUND, events.kind == Kind.PURCHASE
    taken = refund | (purchase & (events.quantity < 0))
    if not taken.any():
        return ~refund, {"refunds": 0, "cancelled": 0}
    signed = np.where(taken, -np.abs(events.quantity), events.quantity) * (refund | purchase)
    _, pairs = np.unique(pair_keys(events.person, events.item), return_inverse=True)
    net, refunds = np.bincount(pairs, signed), np.bincount(pairs, taken)
    used_up = (net <= 0) & (refunds > 0)
    cancelled = purchase & used_up[pairs]
    return ~(refund | cancelled), {"refunds": int(refund.sum()), "cancelled": int(cancelled.sum())}
