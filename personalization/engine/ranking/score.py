"""Score all items for one history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.ranking.contributions import Contributions
    from personalization.engine.tables import Ranking

_NO_ROWS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """items int32 (m,), scores float32 (m,): best first, ties by the lower item row."""

    items: NDArray[np.int32]
    scores: NDArray[np.float32]


class Scratch:
    """Buffers as long as the vocabulary, reused between requests: clearing what was touched is cheaper than
    allocating. One request at a time may use it; whoever fails half-way must throw it away.

    sums   : float64 (n_items,), zero between uses
    places : intp (n_items,), anything between uses
    marks  : bool (n_items,), False between uses
    """

    __slots__ = ("marks", "places", "sums")

    def __init__(self, n_items: int) -> None:
        self.sums = np.zeros(n_items, np.float64)
        self.places = np.zeros(n_items, np.intp)
        self.marks = np.zeros(n_items, np.bool_)


def score_history(
    contributions: Contributions,
    scratch: Scratch,
    *,
    count: int,
    exclude: NDArray[np.integer] = _NO_ROWS,
    ranking: Ranking | None = None,
    prior: NDArray[np.float32] | None = None,
    prior_share: float = 0.0,
) -> Scored:
    """The best items for a history whose items speak for others through a table of weights.

    With s(i) = Σ over the history of weight(h → i), items are ordered by s(i) / max(s) + prior_share · prior(i),
    rounded to float32. The score given back is that times max(s), so s(i) + prior_share · max(s) · prior(i): on
    this scale taking a contributing item out of the history always lowers the score. The maximum is over all
    items, the excluded ones too.

    Parameters
    ----------
    contributions : what the history says (`gather`)
    scratch : buffers for the vocabulary; left as found
    count : how many items at most, ≥ 1
    exclude : int (e,) item rows that must not come back
    ranking, prior : the common list, and the same as float32 (n_items,) by item row; both or neither
    prior_share : how much of it is added; 0 leaves items out for which no history item speaks

    Returns
    -------
    Scored; items with s(i) ≤ 0 only come in through the ranking.
    """
    touched, sums = _sums(contributions, scratch)
    top = float(sums.max(initial=0.0))
    scratch.marks[exclude] = True
    wanted = (sums > 0) & ~scratch.marks[touched]
    items, scores = touched[wanted], sums[wanted]
    scale = 1.0
    if prior_share > 0 and ranking is not None and prior is not None:
        scale = top if top > 0 else 1.0
        rest = _not_marked(ranking.items, items, scratch, count=count, spare=len(exclude))
        scores = np.concatenate([scores / scale + prior_share * prior[items], prior_share * prior[rest]])
        items = np.concatenate([items, rest])
    scratch.marks[exclude] = False
    found = best(items, scores.astype(np.float32), count)
    return Scored(found.items, found.scores * np.float32(scale))


def best(items: NDArray[np.int32], scores: NDArray[np.float32], count: int) -> Scored:
    """The ``count`` highest scores in order, ties by the lower item row, without sorting the rest."""
    if len(items) > count:
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        keep = scores >= least  # every tie at the border stays, so that rows can decide
        items, scores = items[keep], scores[keep]
    order = np.lexsort((items, -scores))[:count]
    return Scored(items[order], scores[order])


def _not_marked(
    ranked: NDArray[np.int32], items: NDArray[np.int32], scratch: Scratch, *, count: int, spare: int
) -> NDArray[np.int32]:
    """The first ``count`` of a ranked list that are neither marked nor among ``items``."""
    first = ranked[: count + len(items) + spare]
    scratch.marks[items] = True
    rest = first[~scratch.marks[first]][:count]
    scratch.marks[items] = False
    return rest


def _sums(contributions: Contributions, scratch: Scratch) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Distinct columns, each with the sum of its values."""
    columns = contributions.columns
    np.add.at(scratch.sums, columns, contributions.values.astype(np.float64))
    numbers = np.arange(len(columns))
    scratch.places[columns] = numbers  # the last writer wins: one place per distinct column
    touched = columns[scratch.places[columns] == numbers]
    sums = scratch.sums[touched]
    scratch.sums[touched] = 0.0
    return touched, sums
