"""What people said of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

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
    low, high = scale
    values[last[places]] = low + ratings.share[own] * (high - low)
    return values


def _keys(events: EventArrays, ratings: RatingArrays) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the pairs of both, equal where the pairs are."""
    keys = pair_keys(
        np.concatenate([events.person, ratings.person]), np.concatenate([events.item, ratings.item])
    )
    return keys[: len(events)], keys[len(events) :]
