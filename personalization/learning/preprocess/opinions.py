"""What people said of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.dislikes import Dislikes
from personalization.engine.types import Kind
from personalization.learning.preprocess.pairs import pair_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.learning.preprocess.left import Left
    from personalization.store.extract import EventArrays
    from personalization.store.rating_arrays import RatingArrays

#: Below this share of the scale somebody dislikes an item; answers to the same person leave it out, too.
LIKED: Final = 0.5


def not_disliked(events: EventArrays, *, ratings: RatingArrays | None) -> Left:
    """Without whatever a person did with an item that it rates in the lower half of the scale: it bought it, and
    would not again."""
    kept = np.ones(len(events), bool)
    if ratings is not None and len(ratings):
        done, said = _keys(events, ratings)
        kept = ~np.isin(done, said[ratings.share < LIKED])
    return kept, {"disliked": int(len(events) - kept.sum())}


def rating_values(
    events: EventArrays, ratings: RatingArrays, *, scale: tuple[int, int]
) -> NDArray[np.float32]:
    """Each rating, on the shop's scale, beside the newest event of its person and item: float32 (n,), else NaN.

    The newest of kind `Kind.RATE` where there is one, the newest of any kind where there is none.
    """
    values = np.full(len(events), np.nan, np.float32)
    done, said = _keys(events, ratings)
    order = np.lexsort((events.occurred_at, events.kind == Kind.RATE, done))
    last = order[np.diff(done[order], append=-1) != 0]
    _, places, own = np.intersect1d(done[last], said, assume_unique=True, return_indices=True)
    values[last[places]] = _on(scale, ratings.share[own])
    return values


def dislikes(
    ratings: RatingArrays,
    *,
    visitor_ids: NDArray[np.int64],
    item_ids: NDArray[np.int32],
    scale: tuple[int, int],
) -> Dislikes | None:
    """The ratings of the lower half, in the rows of the vocabularies; None without any.

    visitor_ids : int64 (n_visitors,) person of each row, ascending; item_ids : int32 (n_items,) item id of each row
    """
    rows = {pk: row for row, pk in enumerate(item_ids.tolist())}
    items = np.array([rows.get(pk, -1) for pk in ratings.item.tolist()], np.int32)
    low = (ratings.share < LIKED) & (items >= 0) & np.isin(ratings.person, visitor_ids)
    if not low.any():
        return None
    return Dislikes(
        np.searchsorted(visitor_ids, ratings.person[low]).astype(np.int32),
        items[low],
        _on(scale, ratings.share[low]),
        ratings.at[low],
    )


def _on(scale: tuple[int, int], share: NDArray[np.float64]) -> NDArray[np.float32]:
    low, high = scale
    return (low + share * (high - low)).astype(np.float32)


def _keys(events: EventArrays, ratings: RatingArrays) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the pairs of both, equal where the pairs are."""
    keys = pair_keys(
        np.concatenate([events.person, ratings.person]), np.concatenate([events.item, ratings.item])
    )
    return keys[: len(events)], keys[len(events) :]
