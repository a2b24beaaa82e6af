"""Knowledge-based recommendation: what somebody says that is wanted, instead of what was done before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.knowledge.columns import Columns
from personalization.engine.knowledge.likeness import wish_like
from personalization.engine.knowledge.wish import Better

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.engine.knowledge.wish import Requirement, Utility, Wish


@dataclass(frozen=True, slots=True)
class Match:
    """An item that was found. ``row``: its place in the catalog; ``score``: 0 … 1; which musts and shoulds it meets, and
    which not."""

    row: int
    score: float
    satisfied: tuple[Requirement, ...]
    violated: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Musts that were, or could be, given up together, and how many items meet all others."""

    dropped: tuple[Requirement, ...]
    items: int


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer to a wish.

    wish        : what was asked, and what a likeness added
    order       : int64 (n,) every item that meets the musts that were kept, best first
    scores      : float64 (n,) their scores, 0 … 1
    relaxed     : musts that no item meets together with all others, and that were given up
    relaxations : every way to give up as few musts, the one that was taken first
    """

    wish: Wish
    order: NDArray[np.int64]
    scores: NDArray[np.float64]
    relaxed: tuple[Requirement, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()


class KnowledgeBased:
    """Finds items by requirements; nothing is learned and nobody is known.

    An item must meet every must. Where none does, the smallest set of musts is given up that leaves any item: that of
    the item which violates fewest. Of several such sets the one is taken whose musts were named last; the others are
    told as well. Items are ordered by

    ``score = (Σ_should w · met + Σ_utility w · u(x)) / Σ w``, 1 without either, u as `Utility` says, 0 where x is not known,

    ties by the lower row.

    Exact for any number of musts: the violated ones of each item are one bit set. (Felfernig, Friedrich, Jannach and
    Zanker, Constraint-based recommender systems, Recommender Systems Handbook 2015; minimal relaxations: McSherry, Incremental
    relaxation of unsuccessful queries, ECCBR 2004.)
    """

    def __init__(self, catalog: Catalog) -> None:
        self._columns = Columns(catalog)

    def find(self, wish: Wish, *, allowed: NDArray[np.bool_] | None = None, like: int | None = None) -> Found:
        """Everything that fits, best first.

        Parameters
        ----------
        allowed : bool (n_items,) which items may be found; None: all
        like    : the row of the item that `Wish.like` names; it is not found itself

        Raises
        ------
        InvalidInputError naming the critique whose fact is not known of that item.
        """
        candidates = np.ones(len(self._columns), bool) if allowed is None else allowed.copy()
        if like is not None:
            wish = wish_like(wish, self._columns, like)
            candidates[like] = False
        rows = np.flatnonzero(candidates)
        violated = self._violated(wish.must, rows)
        relaxations = _relaxations(wish.must, violated) if len(rows) and violated.min() else ()
        relaxed = relaxations[0].dropped if relaxations else ()
        rows = rows[violated == (_bits(wish.must, relaxed) if relaxed else 0)]
        scores = self._scores(wish, rows)
        order = np.lexsort((rows, -scores))
        return Found(wish, rows[order], scores[order], relaxed, relaxations)

    def explain(self, found: Found, places: Sequence[int]) -> list[Match]:
        """What the items at some places of the answer meet, and what not."""
        asked = dict.fromkeys([*found.wish.must, *[each.requirement for each in found.wish.should]])
        rows = found.order[list(places)]
        met = {one: self._columns.satisfies(one)[rows].tolist() for one in asked}
        return [
            Match(
                int(row),
                float(found.scores[place]),
                tuple([one for one, holds in met.items() if holds[number]]),
                tuple([one for one, holds in met.items() if not holds[number]]),
            )
            for number, (row, place) in enumerate(zip(rows, places, strict=True))
        ]

    def _violated(self, musts: tuple[Requirement, ...], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """uint64 (n,): bit i of an item says that it does not meet must i."""
        violated = np.zeros(len(rows), np.uint64)
        for place, must in enumerate(musts):
            violated |= (~self._columns.satisfies(must)[rows]).astype(np.uint64) << np.uint64(place)
        return violated

    def _scores(self, wish: Wish, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        total = np.zeros(len(rows))
        for preference in wish.should:
            total += preference.weight * self._columns.satisfies(preference.requirement)[rows]
        for utility in wish.utility:
            total += utility.weight * _worth(utility, self._columns.numbers(utility.field)[rows])
        weights = sum(each.weight for each in wish.should) + sum(each.weight for each in wish.utility)
        return total / weights if weights else total + 1.0


def _relaxations(musts: tuple[Requirement, ...], violated: NDArray[np.uint64]) -> tuple[Relaxation, ...]:
    """The smallest sets to give up, the musts named last first: the largest bit set."""
    sets, counts = np.unique(violated, return_counts=True)
    sizes = np.array([int(each).bit_count() for each in sets])
    smallest = np.flatnonzero(sizes == sizes.min())[::-1]
    return tuple(
        [
            Relaxation(
                tuple([must for place, must in enumerate(musts) if int(sets[each]) >> place & 1]),
                int(counts[each]),
            )
            for each in smallest
        ]
    )


def _bits(musts: tuple[Requirement, ...], dropped: tuple[Requirement, ...]) -> np.uint64:
    return np.uint64(sum(1 << place for place, must in enumerate(musts) if must in dropped))


def _worth(utility: Utility, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n,) in 0 … 1."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return np.zeros(len(numbers))
    low = float(known.min()) if utility.low is None else utility.low
    high = float(known.max()) if utility.high is None else utility.high
    if utility.better == Better.NEAR:
        worth = _nearness(numbers, utility.target or 0.0, high - low)
    elif high > low:
        share = np.clip((numbers - low) / (high - low), 0.0, 1.0)
        worth = 1 - share if utility.better == Better.LESS else share
    else:  # one number for all, or the border that was given lies beyond them all
        worth = (numbers <= high if utility.better == Better.LESS else numbers >= low).astype(np.float64)
    return np.asarray(np.nan_to_num(worth), np.float64)


def _nearness(numbers: NDArray[np.float64], target: float, span: float) -> NDArray[np.float64]:
    distances = np.abs(numbers - target)
    return np.exp(-distances / span) if span > 0 else (distances == 0).astype(np.float64)
