"""What everybody has said of an item, for the shop's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalization.adapters import get_adapter
from personalization.conf import settings
from personalization.engine.ids import is_key
from personalization.store import item_ratings as given
from personalization.store.item_ratings import AverageRating, ItemRatings, item_ratings
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How many texts are read at once.
MOST: Final = 100
NOTHING_SAID: Final = ItemRatings(counts=(), texts=0, newest=())


def ratings_of(item: Any, *, count: int = 10, start: int = 0, tenant: str = "") -> ItemRatings:
    """How often each value of RATING_SCALE was given to a product, and the newest texts, 100 at most, from the
    ``start``-th on. It never raises: the page of a product is worth more than its reviews."""
    shown, first = max(0, min(count, MOST)), max(0, start)

    def read() -> ItemRatings:
        key = get_adapter().key_of(item)
        if not is_key(key):
            return NOTHING_SAID
        return item_ratings(key, tenant=tenant, scale=settings.RATING_SCALE, count=shown, start=first)

    return shielded(read, what="ratings_of", otherwise=NOTHING_SAID)


def average_ratings(items: Iterable[Any], *, tenant: str = "") -> dict[str, AverageRating]:
    """The averages of many products at once, by key; those that nobody rated are left out. It never raises: a
    list is worth more than its stars."""

    def read() -> dict[str, AverageRating]:
        key_of = get_adapter().key_of
        keys = [key for key in map(key_of, items) if is_key(key)]
        return given.average_ratings(keys, tenant=tenant, scale=settings.RATING_SCALE)

    return shielded(read, what="average_ratings", otherwise={})
