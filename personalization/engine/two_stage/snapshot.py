"""What was known of a shop at one instant, in the forms that features are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.two_stage.baskets import Baskets
from personalization.engine.two_stage.owned import Owned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

DAY: Final = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Entries in one canonical order (visitor, item, time, …), so that no sum depends on the order they came in.

    events : with times; only what happened before ``as_of``
    as_of  : UTC microseconds
    """

    events: Interactions
    as_of: int

    @classmethod
    def of(cls, interactions: Interactions) -> Snapshot:
        """All of the interactions, at the instant that learning pretends it is; they have times."""
        times = interactions.times
        if times is None:
            raise TypeError("a snapshot needs times")
        as_of = interactions.as_of if interactions.as_of is not None else int(times.max(initial=0))
        kept = np.flatnonzero(times <= as_of)
        return cls(interactions.take(kept[_canonical(interactions, kept)], as_of=as_of), as_of)

    @property
    def n_items(self) -> int:
        return self.events.n_items

    @property
    def n_visitors(self) -> int:
        return self.events.n_visitors

    @cached_property
    def ages(self) -> NDArray[np.float64]:
        """Days since each entry: float64 (n,), ≥ 0."""
        times = self.events.times
        assert times is not None  # noqa: S101  # `of` has seen to it
        return (self.as_of - times) / DAY

    @cached_property
    def baskets(self) -> Baskets:
        return Baskets.of(self.events)

    @cached_property
    def owned(self) -> Owned:
        return Owned.of(self.events, self.ages, self.baskets)

    @cached_property
    def sold(self) -> NDArray[np.bool_]:
        """bool (n_items,): somebody has the item."""
        sold = np.zeros(self.n_items, np.bool_)
        sold[self.events.items] = True
        return sold

    @cached_property
    def prices(self) -> NDArray[np.float64] | None:
        """log1p of the price of each entry, float64 (n,), NaN where unknown; of the catalog where entries have none."""
        known = self.events.prices
        if known is not None:
            return np.log1p(np.maximum(known.astype(np.float64), 0))
        catalog = self.events.catalog
        if catalog is None or catalog.prices is None:
            return None
        return np.log1p(np.maximum(catalog.prices, 0))[self.events.items]

    @cached_property
    def quantities(self) -> NDArray[np.float64] | None:
        """log1p of the pieces of each entry, float64 (n,), NaN where unknown."""
        known = self.events.quantities
        return None if known is None else np.log1p(np.maximum(known.astype(np.float64), 0))

    @cached_property
    def categories(self) -> tuple[NDArray[np.int64], int] | None:
        """(number of each item's category int64 (n_items,), how many there are)."""
        catalog = self.events.catalog
        if catalog is None or not any(catalog.categories):
            return None
        names, numbers = np.unique(np.array(catalog.categories, dtype=np.str_), return_inverse=True)
        return numbers.astype(np.int64), len(names)


def _canonical(interactions: Interactions, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of the kept entries by all that is known of them."""
    optional = ("kinds", "ratings", "prices", "quantities", "orders")
    keys = [getattr(interactions, name) for name in optional]
    columns = [*keys, interactions.weights, interactions.times, interactions.items, interactions.visitors]
    return np.lexsort([column[kept] for column in columns if column is not None])
