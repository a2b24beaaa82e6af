"""What everything is learned from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.engine.dislikes import Dislikes

#: What may be known of each entry besides.
_OPTIONAL: Final = ("times", "kinds", "quantities", "prices", "orders", "ratings")


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """What visitors did, as parallel arrays: entry i says that visitor ``visitors[i]`` touched ``items[i]``.

    A (visitor, item) pair may stand several times. Rows are numbered from 0; what a row means (its *vocabulary*)
    is the caller's. What is None is unknown of all entries, and recommenders do without it.

    Parameters
    ----------
    visitors : int32 (n,)  visitor rows, 0 ≤ v < n_visitors
    items    : int32 (n,)  item rows, 0 ≤ i < n_items
    weights  : float32 (n,)  finite and > 0
    n_visitors, n_items : sizes of the two vocabularies
    times    : int64 (n,) UTC microseconds
    as_of    : int64 UTC microseconds; the instant learning pretends it is. Default: the newest time.
    kinds    : int16 (n,) `engine.types.Kind`
    quantities : float32 (n,) pieces, NaN where unknown
    prices   : float32 (n,) for a piece, in major units, NaN where unknown
    orders   : int64 (n,) entries of equal number were bought together; -1: of no order
    ratings  : float32 (n,) what the visitor thinks of it, in the shop's scale; NaN where the entry is no rating
    catalog  : what the shop says of its items
    dislikes : low ratings, of pairs that do not stand here

    Raises
    ------
    InvalidInputError naming the array that is wrong.
    """

    visitors: NDArray[np.int32]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]
    n_visitors: int
    n_items: int
    times: NDArray[np.int64] | None = None
    as_of: int | None = None
    kinds: NDArray[np.int16] | None = None
    quantities: NDArray[np.float32] | None = None
    prices: NDArray[np.float32] | None = None
    orders: NDArray[np.int64] | None = None
    ratings: NDArray[np.float32] | None = None
    catalog: Catalog | None = None
    dislikes: Dislikes | None = None

    def __post_init__(self) -> None:
        n = len(self.visitors)
        _check_rows("visitors", self.visitors, n, self.n_visitors)
        _check_rows("items", self.items, n, self.n_items)
        if self.weights.shape != (n,):
            raise InvalidInputError("weights", f"expected shape ({n},), got {self.weights.shape}")
        if n and not (np.isfinite(self.weights).all() and self.weights.min() > 0):
            raise InvalidInputError("weights", "every weight must be finite and greater than 0")
        for name in _OPTIONAL:
            array = getattr(self, name)
            if array is not None and array.shape != (n,):
                raise InvalidInputError(name, f"expected shape ({n},), got {array.shape}")
        for name in ("quantities", "prices", "ratings"):
            array = getattr(self, name)
            if array is not None and np.isinf(array).any():
                raise InvalidInputError(name, "expected finite numbers, or NaN where one is unknown")
        if self.catalog is not None and len(self.catalog) != self.n_items:
            raise InvalidInputError("catalog", f"expected {self.n_items} items, got {len(self.catalog)}")
        if self.dislikes is not None:
            n = len(self.dislikes)
            _check_rows("dislikes", self.dislikes.visitors, n, self.n_visitors)
            _check_rows("dislikes", self.dislikes.items, n, self.n_items)

    def __len__(self) -> int:
        return len(self.visitors)

    def take(self, chosen: NDArray[Any], **changes: Any) -> Interactions:
        """Some of the entries, in the same vocabularies: bool (n,), or int of which; ``changes``: other fields."""
        known = [name for name in _OPTIONAL if getattr(self, name) is not None]
        parts = {name: getattr(self, name)[chosen] for name in ("visitors", "items", "weights", *known)}
        return replace(self, **parts, **changes)


def _check_rows(name: str, rows: NDArray[np.int32], n: int, size: int) -> None:
    if rows.dtype != np.int32 or rows.shape != (n,):
        raise InvalidInputError(name, f"expected int32 of shape ({n},), got {rows.dtype} {rows.shape}")
    if n and (rows.min() < 0 or rows.max() >= size):
        raise InvalidInputError(name, f"rows must lie in 0 … {size - 1}")
