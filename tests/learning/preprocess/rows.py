"""Events by hand."""

from __future__ import annotations

import numpy as np

from personalization.engine.types import Kind
from personalization.store.extract import EventArrays
from personalization.store.rating_arrays import RatingArrays

DAY = 86_400_000_000
WEIGHTS = {Kind.VIEW: 1.0, Kind.PURCHASE: 5.0, Kind.CART_ADD: 0.0}

#: What is left out of a row: day, quantity, flags, price, order.
_USUAL = (0, 1, 0, np.nan, -1)


def events(*rows):
    """Rows of (person, item, kind, day, quantity, flags, price, order)."""
    full = [(*row, *_USUAL[len(row) - 3 :]) for row in rows]
    person, item, kind, day, quantity, flags, price, order = zip(*full, strict=True) if full else [()] * 8
    return EventArrays(
        person=np.array(person, np.int64),
        item=np.array(item, np.int32),
        kind=np.array(kind, np.int16),
        flags=np.array(flags, np.int16),
        quantity=np.array(quantity, np.float64),
        price=np.array(price, np.float32),
        order=np.array(order, np.int64),
        occurred_at=(np.array(day, np.float64) * DAY).astype(np.int64),
    )


def ratings(*rows):
    """Rows of (person, item, share of the scale), rated on day 0, 1, 2 …"""
    person, item, share = zip(*rows, strict=True) if rows else [()] * 3
    return RatingArrays(
        np.array(person, np.int64),
        np.array(item, np.int32),
        np.array(share, np.float64),
        np.arange(len(rows), dtype=np.int64) * DAY,
    )


def pairs(events):
    return list(zip(events.person.tolist(), events.item.tolist(), strict=True))
