"""What is learned from, and what is held out to test it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.lots import lots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


class Task(StrEnum):
    """What counts as a good recommendation. The two are never mixed in one figure."""

    NEW = "new"  #: items that the visitor did not have; those it has in training are masked
    ALL = "all"  #: anything it took later, repeats too; nothing is masked


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Distinct (visitor, item) pairs that happened after training, in the rows of the training vocabulary.

    visitors int32 (n,), items int32 (n,); repeat bool (n,): the visitor had that item before; ratings float32 (n,), NaN
    where the pair was not rated, None: no rating is known of any.
    """

    visitors: NDArray[np.int32]
    items: NDArray[np.int32]
    repeat: NDArray[np.bool_]
    ratings: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        for name in ("items", "repeat", "ratings"):
            array = getattr(self, name)
            if array is not None and array.shape != self.visitors.shape:
                raise InvalidInputError(name, f"expected shape {self.visitors.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Training interactions and the pairs to find."""

    train: Interactions
    test: HeldOut

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool (n_items,): the item stands in training; only such items are candidates."""
        known = np.zeros(self.train.n_items, dtype=np.bool_)
        known[self.train.items] = True
        return known

    @property
    def possible(self) -> NDArray[np.bool_]:
        """bool (n_items,): the item may be shown, as it stands in training or the catalog has a title of it."""
        catalog = self.train.catalog
        if catalog is None:
            return self.known
        return self.known | np.array([title != "" for title in catalog.titles], dtype=np.bool_)


def temporal_split(interactions: Interactions, *, at: int, until: int | None = None) -> Split:
    """Learn from what happened before an instant, test on what happened from then on.

    Of the catalog and the dislikes, training keeps what was known at the instant.

    Parameters
    ----------
    interactions : with times
    at    : int64 UTC microseconds; training holds times < at, and learns as of ``at``
    until : the test holds at ≤ times < until; None: to the end

    Raises
    ------
    InvalidInputError naming ``times`` when they are unknown.
    """
    times = interactions.times
    if times is None:
        raise InvalidInputError("times", "a temporal split needs times")
    before = times < at
    after = ~before if until is None else ~before & (times < until)
    catalog, dislikes = interactions.catalog, interactions.dislikes
    train = interactions.take(
        before,
        as_of=at,
        catalog=None if catalog is None else catalog.as_of(at),
        dislikes=None if dislikes is None else dislikes.before(at),
    )
    return Split(train, _held_out(train, interactions.take(after)))


def leave_last_out(interactions: Interactions) -> Split:
    """Hold the newest interaction of every visitor back who has at least two. Of several at one instant, as in an
    order, one is drawn by the rows of the pair, then the heavier line: the same one whatever the order of the
    interactions, and not the same item for everybody.

    What others did later is learned from too, so the figures are too good for a shop that lives in time: this is for
    comparison with papers. Training keeps every other interaction; the pair is a repeat when training has it.

    Raises InvalidInputError naming ``times`` when they are unknown.
    """
    times = interactions.times
    if times is None:
        raise InvalidInputError("times", "leaving the last one out needs times")
    pairs = interactions.visitors.astype(np.int64) * interactions.n_items + interactions.items
    order = np.lexsort((interactions.weights, interactions.items, lots(pairs), times, interactions.visitors))
    visitors = interactions.visitors[order]
    newest = np.flatnonzero(np.diff(visitors, append=-1) != 0)
    several = np.diff(newest, prepend=-1) > 1
    last = order[newest[several]]
    kept = np.ones(len(interactions), dtype=np.bool_)
    kept[last] = False
    train = interactions.take(kept)
    return Split(train, _held_out(train, interactions.take(last)))


def _held_out(train: Interactions, later: Interactions) -> HeldOut:
    return held_out(train, later.visitors, later.items, ratings=later.ratings, times=later.times)


def held_out(
    train: Interactions,
    visitors: NDArray[np.int32],
    items: NDArray[np.int32],
    *,
    ratings: NDArray[np.float32] | None = None,
    times: NDArray[np.int64] | None = None,
) -> HeldOut:
    """Distinct test pairs, each with whether training already has it, and with its newest rating (of equally new ones
    the highest)."""
    width = max(train.n_items, 1)
    pairs, places = np.unique(visitors.astype(np.int64) * width + items, return_inverse=True)
    had = np.unique(train.visitors.astype(np.int64) * width + train.items)
    rows, columns = np.divmod(pairs, width)
    repeat = np.isin(pairs, had, assume_unique=True)
    newest = None if ratings is None else _newest(places, ratings, times, len(pairs))
    return HeldOut(rows.astype(np.int32), columns.astype(np.int32), repeat, newest)


def _newest(
    places: NDArray[np.int64], ratings: NDArray[np.float32], times: NDArray[np.int64] | None, size: int
) -> NDArray[np.float32]:
    """float32 (size,), NaN where a place has no rating."""
    rated = np.flatnonzero(~np.isnan(ratings))
    when = np.zeros(len(rated)) if times is None else times[rated]
    order = rated[np.lexsort((ratings[rated], when, places[rated]))]
    last = order[np.diff(places[order], append=-1) != 0]
    newest = np.full(size, np.nan, dtype=np.float32)
    newest[places[last]] = ratings[last]
    return newest
