"""Where items come from: the slot's recommender, then the rungs of the fallback ladder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.conf import settings
from personalization.engine.ranking import explain, score_history
from personalization.engine.types import Reason, ReasonCode
from personalization.serving.buy_again import buy_again
from personalization.serving.demand import EVIDENCE, popular_code
from personalization.serving.for_you import for_you
from personalization.serving.segment import popular_in_segment
from personalization.serving.slots import SlotKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from personalization.engine.ranking import Contributions
    from personalization.serving.demand import Candidate, Demand
    from personalization.serving.slots import Slot
    from personalization.store.live_tables import LiveTables

#: The recommenders that everybody gets when the slot's own has nothing (left).
FALLBACKS: Final = ("popularity-recent", "popularity")


def find_candidates(demand: Demand) -> dict[str, Candidate]:
    """At most ``limit`` candidates by key, best first.

    Scores never rise: those of a rung are scaled by the last score of the rung before it.
    """
    found: dict[str, Candidate] = {}
    blocked, limit, scale = demand.blocked, demand.limit, 1.0
    for rung in _rungs(demand.slot):
        wanted = [one for one in rung(demand) if one[0] and one[0] not in blocked and one[0] not in found]
        if found:
            wanted = [(key, score * scale, reason) for key, score, reason in wanted]
        found.update([(one[0], one) for one in wanted[: limit - len(found)]])  # a rung repeats no key
        if len(found) == limit:
            return found
        if found:
            scale = next(reversed(found.values()))[1]
    return found


def _rungs(slot: Slot) -> Iterator[Callable[[Demand], Iterable[Candidate]]]:
    if slot.kind in _OWN:
        yield _OWN[slot.kind]
    if slot.kind == SlotKind.SIMILAR and settings.NEW_ITEMS:
        yield partial(_alike, settings.NEW_ITEMS)
    if slot.fill:
        if slot.kind == SlotKind.FOR_YOU:
            yield popular_in_segment
        yield from (
            partial(_common, alias) for alias in dict.fromkeys((slot.recommender, *FALLBACKS)) if alias
        )


def _similar(demand: Demand) -> Iterable[Candidate]:
    return _alike(demand.slot.recommender, demand)


def _alike(alias: str, demand: Demand) -> Iterable[Candidate]:
    """The neighbors of the items that the page is about, as a recommender sees it."""
    tables = demand.state.tables(alias)
    if tables is None:
        return ()
    seeds = {row: key for key in demand.seeds if (row := tables.vocabulary.find_row(key)) is not None}
    if len(seeds) == 1:  # a row of neighbors is a finished list
        (row,) = seeds
        columns, values = tables.neighbors_of(row)
        reason = Reason(ReasonCode.SIMILAR, (seeds[row],))
        return zip(tables.vocabulary.keys(columns), values.tolist(), repeat(reason), strict=False)
    rows = np.array(list(seeds), np.int32)
    near = tables.near(rows)
    return _similar_to_several(demand, tables, near, list(seeds.values()), rows) if len(near.columns) else ()


def _similar_to_several(
    demand: Demand, tables: LiveTables, near: Contributions, seeds: list[str], rows: NDArray[np.int32]
) -> Iterable[Candidate]:
    scratch = tables.take_scratch()
    scored = score_history(near, scratch, count=demand.limit + len(demand.blocked), exclude=rows)
    places = explain(near, scratch, scored.items, limit=EVIDENCE)
    tables.return_scratch(scratch)
    keys = tables.vocabulary.keys(scored.items)
    reasons = [Reason(ReasonCode.SIMILAR, tuple([seeds[place] for place in why])) for why in places]
    return zip(keys, scored.scores.tolist(), reasons, strict=True)


def _recently_viewed(demand: Demand) -> Iterable[Candidate]:
    for place, key in enumerate(demand.state.history.viewed, 1):
        yield key, 1 / place, Reason(ReasonCode.RECENTLY_VIEWED, (key,))


def _common(alias: str, demand: Demand) -> Iterable[Candidate]:
    """The ranking of a recommender, the same for everybody."""
    tables = demand.state.tables(alias)
    if tables is None or tables.ranking is None:
        return ()
    # What is blocked, and what earlier rungs found, may all stand before the first that is wanted.
    depth = 2 * demand.limit + len(demand.blocked)
    keys = tables.vocabulary.keys(tables.ranking.items[:depth])
    scores = tables.ranking.scores[:depth].tolist()
    return zip(keys, scores, repeat(Reason(popular_code(alias))), strict=False)


#: Where a kind of slot looks first; what is popular needs nothing but the ladder.
_OWN: Final[dict[SlotKind, Callable[[Demand], Iterable[Candidate]]]] = {
    SlotKind.FOR_YOU: for_you,
    SlotKind.SIMILAR: _similar,
    SlotKind.RECENTLY_VIEWED: _recently_viewed,
    SlotKind.BUY_AGAIN: buy_again,
}
