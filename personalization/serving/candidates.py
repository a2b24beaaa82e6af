"""Where items come from: the slot's recommender, then the rungs of the fallback ladder."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from personalization.engine.ranking import explain, score_history
from personalization.engine.types import Reason, ReasonCode
from personalization.serving.reasons import CODES
from personalization.serving.slots import Slot, SlotKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from personalization.engine.ranking import Contributions
    from personalization.serving.history import PastItem
    from personalization.serving.page_state import PageState
    from personalization.store.live_tables import LiveTables

#: How many of the visitor's own items a reason names.
EVIDENCE: Final = 3
#: The recommenders that everybody gets when the slot's own has nothing (left).
FALLBACKS: Final = ("popularity-recent", "popularity")


class Candidate(NamedTuple):
    """An item that may be shown if the adapter finds it eligible."""

    key: str
    score: float
    reason: Reason


class Demand(NamedTuple):
    """For whom, from which seed items, without what, and how many candidates."""

    state: PageState
    slot: Slot
    seeds: tuple[str, ...]
    blocked: frozenset[str]
    limit: int


def find_candidates(demand: Demand) -> list[Candidate]:
    """At most ``limit`` distinct candidates, best first.

    Scores never rise: those of a rung are scaled by the last score of the rung before it.
    """
    found: dict[str, Candidate] = {}
    for rung in _rungs(demand.slot):
        scale = next(reversed(found.values())).score if found else 1.0
        for candidate in rung(demand):
            if len(found) >= demand.limit:
                return list(found.values())
            if candidate.key and candidate.key not in found and candidate.key not in demand.blocked:
                found[candidate.key] = (
                    candidate if scale == 1.0 else candidate._replace(score=candidate.score * scale)
                )
    return list(found.values())


def _rungs(slot: Slot) -> Iterator[Callable[[Demand], Iterator[Candidate]]]:
    yield _OWN[slot.kind]
    if slot.fill:
        yield from (_common(alias) for alias in dict.fromkeys((slot.recommender, *FALLBACKS)) if alias)


def _for_you(demand: Demand) -> Iterator[Candidate]:
    """What the visitor's history speaks for."""
    tables = demand.state.tables(demand.slot.recommender)
    liked = demand.state.history.liked
    if tables is None or not liked:
        return
    rows = tables.vocabulary.rows_of(np.array([past.item for past in liked], np.int32))
    known = [past for past, row in zip(liked, rows.tolist(), strict=True) if row >= 0]
    rows = rows[rows >= 0]
    said = tables.said_by(rows)
    if not len(said.columns):
        return
    barred = rows[[past.key in demand.blocked for past in known]] if known else rows
    scratch = tables.take_scratch()
    scored = score_history(
        said,
        scratch,
        count=demand.limit + len(demand.blocked) - len(barred),
        exclude=barred,
        ranking=tables.ranking,
        prior=tables.prior,
        prior_share=tables.prior_share,
    )
    places = explain(said, scratch, scored.items, limit=EVIDENCE)
    tables.return_scratch(scratch)
    keys = tables.vocabulary.keys(scored.items)
    popular = Reason(_popular_code(demand.slot.recommender))
    for key, score, why in zip(keys, scored.scores.tolist(), places, strict=True):
        yield Candidate(key, score, _personal([known[place] for place in why]) if why else popular)


def _personal(evidence: list[PastItem]) -> Reason:
    return Reason(CODES[evidence[0].kind], tuple([past.key for past in evidence]))


def _similar(demand: Demand) -> Iterator[Candidate]:
    """The neighbors of the items that the page is about."""
    tables = demand.state.tables(demand.slot.recommender)
    if tables is None:
        return
    seeds = {row: key for key in demand.seeds if (row := tables.vocabulary.find_row(key)) is not None}
    rows = np.array(list(seeds), np.int32)
    near = tables.near(rows)
    if len(seeds) == 1:  # a row of neighbors is a finished list
        keys = tables.vocabulary.keys(near.columns)
        reason = Reason(ReasonCode.SIMILAR, tuple(seeds.values()))
        for key, score in zip(keys, near.values.tolist(), strict=True):
            yield Candidate(key, score, reason)
    elif len(near.columns):
        yield from _similar_to_several(demand, tables, near, list(seeds.values()), rows)


def _similar_to_several(
    demand: Demand, tables: LiveTables, near: Contributions, seeds: list[str], rows: np.ndarray
) -> Iterator[Candidate]:
    scratch = tables.take_scratch()
    scored = score_history(near, scratch, count=demand.limit + len(demand.blocked), exclude=rows)
    places = explain(near, scratch, scored.items, limit=EVIDENCE)
    tables.return_scratch(scratch)
    keys = tables.vocabulary.keys(scored.items)
    for key, score, why in zip(keys, scored.scores.tolist(), places, strict=True):
        yield Candidate(key, score, Reason(ReasonCode.SIMILAR, tuple([seeds[place] for place in why])))


def _recently_viewed(demand: Demand) -> Iterator[Candidate]:
    for place, key in enumerate(demand.state.history.viewed, 1):
        yield Candidate(key, 1 / place, Reason(ReasonCode.RECENTLY_VIEWED, (key,)))


def _common(alias: str) -> Callable[[Demand], Iterator[Candidate]]:
    """The ranking of a recommender, the same for everybody."""

    def rung(demand: Demand) -> Iterator[Candidate]:
        tables = demand.state.tables(alias)
        if tables is None or tables.ranking is None:
            return
        # What is blocked, and what earlier rungs found, may all stand before the first that is wanted.
        depth = 2 * demand.limit + len(demand.blocked)
        keys = tables.vocabulary.keys(tables.ranking.items[:depth])
        reason = Reason(_popular_code(alias))
        for key, score in zip(keys, tables.ranking.scores[:depth].tolist(), strict=True):
            yield Candidate(key, score, reason)

    return rung


def _popular_code(alias: str) -> ReasonCode:
    return ReasonCode.POPULAR_RECENT if alias == "popularity-recent" else ReasonCode.POPULAR


_OWN: Final[dict[SlotKind, Callable[[Demand], Iterator[Candidate]]]] = {
    SlotKind.FOR_YOU: _for_you,
    SlotKind.SIMILAR: _similar,
    SlotKind.RECENTLY_VIEWED: _recently_viewed,
    SlotKind.POPULAR: lambda demand: chain.from_iterable(()),
}
