"""Events that count → interactions, with their vocabularies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.interactions import Interactions
from personalization.learning.preprocess.opinions import dislikes, rating_values
from personalization.learning.preprocess.orders import order_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.store.extract import EventArrays
    from personalization.store.rating_arrays import RatingArrays

_DAY: Final = 86_400_000_000
_SMALLEST: Final = np.finfo(np.float32).tiny


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Interactions with their vocabularies.

    item_ids    : int32 (n_items,) item id of each item row, the highest item key first
    visitor_ids : int64 (n_visitors,) person of each visitor row, ascending
    """

    interactions: Interactions
    item_ids: NDArray[np.int32]
    visitor_ids: NDArray[np.int64]

    def described(self, catalog: Catalog) -> Prepared:
        """The same with what is known of the items, in their order."""
        return replace(self, interactions=replace(self.interactions, catalog=catalog))


def prepare(
    events: EventArrays,
    *,
    weights: Mapping[int, float],
    order: Callable[[Sequence[int]], Sequence[int]],
    as_of: int | None = None,
    half_life_days: float | None = None,
    ratings: RatingArrays | None = None,
    scale: tuple[int, int] = (1, 5),
) -> Prepared:
    """Number visitors and items, weigh each event, and say all that is known of it.

    ``weight = weights[kind] · 2 ** (-age / half_life_days)``; no decay without a half-life. ``order`` sorts item
    ids by item key, so that ties go by key. ``scale``: lowest and highest rating of the shop.
    """
    visitor_ids, visitors = np.unique(events.person, return_inverse=True)
    known, inverse = np.unique(events.item, return_inverse=True)
    item_ids = np.array(order(known.tolist()), np.int32).reshape(-1)
    rows = np.empty(len(known), np.int32)
    rows[np.searchsorted(known, item_ids)] = np.arange(len(known), dtype=np.int32)
    said = None if ratings is None else _unless_unknown(rating_values(events, ratings, scale=scale))
    orders = order_numbers(events)
    interactions = Interactions(
        visitors=visitors.astype(np.int32),
        items=rows[inverse],
        weights=_weigh(events, weights, as_of=as_of, half_life_days=half_life_days),
        n_visitors=len(visitor_ids),
        n_items=len(item_ids),
        times=events.occurred_at,
        as_of=as_of,
        kinds=events.kind,
        quantities=events.quantity.astype(np.float32),
        prices=_unless_unknown(events.price),
        orders=orders if (orders >= 0).any() else None,
        ratings=said,
        dislikes=None
        if ratings is None
        else dislikes(ratings, visitor_ids=visitor_ids, item_ids=item_ids, scale=scale),
    )
    return Prepared(interactions, item_ids, visitor_ids)


def _unless_unknown(values: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """None where nothing is known of any event."""
    return None if np.isnan(values).all() else values


def _weigh(
    events: EventArrays, weights: Mapping[int, float], *, as_of: int | None, half_life_days: float | None
) -> NDArray[np.float32]:
    by_kind = np.zeros(max([*weights, 0]) + 1)
    for kind, weight in weights.items():
        by_kind[kind] = weight
    weighed = by_kind[events.kind]
    if half_life_days is not None and len(events):
        newest = int(events.occurred_at.max()) if as_of is None else as_of
        weighed = weighed * np.exp2((events.occurred_at - newest) / (_DAY * half_life_days))
    return np.maximum(weighed, _SMALLEST).astype(np.float32)  # old, but it did happen
