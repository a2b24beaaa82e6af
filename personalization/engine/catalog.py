"""What a shop says of its items, as arrays by item row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: `Catalog.listed_at` of an item of which nobody knows since when it is sold.
UNKNOWN_TIME: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """Facts of the items of a vocabulary; position i is item row i. Nothing here changes what may be sold.

    Parameters
    ----------
    titles     : one text for each item, '' where there is none
    tags       : the tags of each item; () for none known at all
    categories : one text for each item, '' where there is none; () for none known at all
    brands     : the same
    attributes : name → value of each item; () for none known at all
    prices     : float64 (n_items,) in major units, NaN where unknown; None: no price is known
    listed_at  : int64 (n_items,) UTC microseconds since when it is sold, `UNKNOWN_TIME` where unknown; None: unknown
                 of all
    pictures   : float32 (n_items, d), a descriptor of each picture, rows of 0 where there is none; None: no pictures

    Raises
    ------
    InvalidInputError naming the array whose length is not that of ``titles``, or which is not finite.
    """

    titles: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    attributes: tuple[Mapping[str, str], ...] = field(default=())
    prices: NDArray[np.float64] | None = None
    listed_at: NDArray[np.int64] | None = None
    pictures: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        for name in ("tags", "categories", "brands", "attributes"):
            if len(getattr(self, name)) not in (0, len(self)):
                raise InvalidInputError(name, f"expected {len(self)} items, got {len(getattr(self, name))}")
        for name in ("prices", "listed_at", "pictures"):
            array = getattr(self, name)
            if array is not None and len(array) != len(self):
                raise InvalidInputError(name, f"expected {len(self)} items, got {len(array)}")
        if self.prices is not None and np.isinf(self.prices).any():
            raise InvalidInputError("prices", "expected finite prices, or NaN where one is unknown")
        if self.pictures is not None and not np.isfinite(self.pictures).all():
            raise InvalidInputError("pictures", "expected finite numbers")

    def __len__(self) -> int:
        return len(self.titles)

    def as_of(self, instant: int) -> Catalog:
        """What was known at an instant (int64 UTC microseconds): a later ``listed_at`` is `UNKNOWN_TIME`.

        Whoever learns from the past must not see when an item was going to be listed.
        """
        if self.listed_at is None:
            return self
        known = np.where(self.listed_at <= instant, self.listed_at, UNKNOWN_TIME)
        return replace(self, listed_at=known)
