"""Since when items are sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.catalog import UNKNOWN_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


def listed_at(interactions: Interactions) -> NDArray[np.int64]:
    """What the catalog says, else the item's first interaction: int64 (n_items,) UTC microseconds, `UNKNOWN_TIME` where
    neither is known."""
    latest = np.iinfo(np.int64).max
    first = np.full(interactions.n_items, latest, dtype=np.int64)
    if interactions.times is not None:
        np.minimum.at(first, interactions.items, interactions.times)
    first[first == latest] = UNKNOWN_TIME
    told = None if interactions.catalog is None else interactions.catalog.listed_at
    return first if told is None else np.where(told == UNKNOWN_TIME, first, told)


def on_sale(interactions: Interactions) -> NDArray[np.bool_]:
    """Which items there are as of now: those that anybody has, and those listed by then: bool (n_items,).

    A catalog that does not know of any item since when it is sold lists them all.
    """
    there = np.zeros(interactions.n_items, dtype=np.bool_)
    there[interactions.items] = True
    catalog = interactions.catalog
    if catalog is None:
        return there
    if catalog.listed_at is None:
        return np.ones_like(there)
    known = catalog.listed_at != UNKNOWN_TIME
    now = as_of(interactions)
    return np.asarray(there | (known if now is None else known & (catalog.listed_at <= now)))


def as_of(interactions: Interactions) -> int | None:
    """The instant that learning pretends it is, UTC microseconds; None when nothing tells."""
    if interactions.as_of is not None:
        return interactions.as_of
    times = interactions.times
    return None if times is None or not len(times) else int(times.max())
