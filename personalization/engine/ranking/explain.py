"""Which items of the history spoke for a recommended item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.ranking.contributions import Contributions
    from personalization.engine.ranking.score import Scratch


def explain(
    contributions: Contributions, scratch: Scratch, items: NDArray[np.int32], *, limit: int
) -> list[list[int]]:
    """For each item, the places in the history that contributed to it, largest contribution first.

    Only positive contributions count: each of these is a true reason, because without it the score is lower.
    Ties go to the earlier place in the history.

    Parameters
    ----------
    contributions : what the history said (`gather`)
    scratch : buffers for the vocabulary; left as found
    items : int32 (m,) distinct item rows
    limit : how many places at most per item

    Returns
    -------
    m lists of places; an empty one when nothing in the history spoke for the item.
    """
    scratch.marks[items] = True
    chosen = np.flatnonzero(scratch.marks[contributions.columns] & (contributions.values > 0))
    scratch.marks[items] = False
    scratch.places[items] = np.arange(len(items))
    targets = scratch.places[contributions.columns[chosen]]
    sources = contributions.sources[chosen]
    order = np.lexsort((sources, -contributions.values[chosen], targets))
    places: list[list[int]] = [[] for _ in range(len(items))]
    for target, source in zip(targets[order].tolist(), sources[order].tolist(), strict=True):
        if len(places[target]) < limit:
            places[target].append(source)
    return places
