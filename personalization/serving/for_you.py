"""What a visitor's history speaks for, and what was worked out for the visitor beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from personalization.engine.ranking import Contributions, Scored, explain, put_first, refresh, score_history
from personalization.engine.types import Reason, ReasonCode
from personalization.serving.demand import EVIDENCE, popular_code
from personalization.serving.reasons import CODES
from personalization.serving.slots import Exclude

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from personalization.engine.ranking import Scratch
    from personalization.serving.demand import Candidate, Demand
    from personalization.serving.history import PastItem
    from personalization.store.live_tables import LiveTables

#: Why an item of a visitor's list is shown when no item of the history can be named for it.
_LISTED: Final = Reason(ReasonCode.HISTORY)


class _Known(NamedTuple):
    """What the build knows of the history. ``rows`` int32: the item row of each; ``said``: what they say of others."""

    items: list[PastItem]
    rows: NDArray[np.int32]
    said: Contributions


def for_you(demand: Demand) -> Iterable[Candidate]:
    """The visitor's list, if the build has one, and what the visitor's history speaks for."""
    tables = demand.state.tables(demand.slot.recommender)
    if tables is None:
        return ()
    again = demand.slot.exclude == Exclude.NONE
    stored = demand.state.list_of(demand.slot.recommender, tables.key.id, again=again)
    listed = stored.read(len(tables.vocabulary)) if stored is not None else None
    known = _known(demand, tables)
    if listed is None and not len(known.said.columns):
        return ()
    scratch = tables.take_scratch()
    if stored is None or listed is None:
        scored = _spoken_for(demand, tables, known, scratch)
        reasons = _reasons(demand, known, scored, scratch)
    else:
        recent = _since(known, stored.as_of)
        scored = _with_list(demand, tables, known, scratch, listed=listed, recent=recent)
        reasons = _reasons(demand, known, scored, scratch, listed=listed, recent=recent)
    tables.return_scratch(scratch)
    return zip(tables.vocabulary.keys(scored.items), scored.scores.tolist(), reasons, strict=True)


def _known(demand: Demand, tables: LiveTables) -> _Known:
    liked = demand.state.history.liked
    if not liked:
        return _Known([], np.empty(0, np.int32), Contributions.of_rows([]))
    rows = tables.vocabulary.rows_of(np.array([past.item for past in liked], np.int32))
    items = [past for past, row in zip(liked, rows.tolist(), strict=True) if row >= 0]
    rows = rows[rows >= 0]
    return _Known(items, rows, tables.said_by(rows))


def _spoken_for(
    demand: Demand, tables: LiveTables, known: _Known, scratch: Scratch, *, spare: int = 0
) -> Scored:
    barred = known.rows
    if known.items:
        barred = barred[[past.key in demand.blocked for past in known.items]]
    return score_history(
        known.said,
        scratch,
        count=demand.limit + len(demand.blocked) - len(barred) + spare,
        exclude=barred,
        ranking=tables.ranking,
        prior=tables.prior,
        prior_share=tables.prior_share,
    )


def _with_list(
    demand: Demand,
    tables: LiveTables,
    known: _Known,
    scratch: Scratch,
    *,
    listed: Scored,
    recent: Contributions,
) -> Scored:
    """The list, after what happened since, in front of what the whole history speaks for."""
    first = refresh(listed, recent, scratch)
    if len(known.said.columns):
        first = put_first(first, _spoken_for(demand, tables, known, scratch, spare=len(first.items)), scratch)
    count = demand.limit + len(demand.blocked)  # all that is blocked may stand before the last that is wanted
    return Scored(first.items[:count], first.scores[:count])


def _since(known: _Known, as_of: int) -> Contributions:
    """What those items say with which something happened after the list was worked out."""
    said = known.said
    new = np.array([past.at >= as_of for past in known.items], bool)[said.sources]
    return Contributions(said.columns[new], said.values[new], said.sources[new])


def _reasons(
    demand: Demand,
    known: _Known,
    scored: Scored,
    scratch: Scratch,
    *,
    listed: Scored | None = None,
    recent: Contributions | None = None,
) -> list[Reason]:
    """What contributed to each item, most first. An item that the list does not hold, and that what happened since
    brought, has no other reason than that."""
    places = explain(known.said, scratch, scored.items, limit=EVIDENCE)
    other = Reason(popular_code(demand.slot.recommender))
    if listed is None or recent is None:
        return [_personal(known, why) if why else other for why in places]
    inside = np.isin(scored.items, listed.items).tolist()
    newly = explain(recent, scratch, scored.items, limit=EVIDENCE)
    return [
        _personal(known, why if holds else new or why) if why else _LISTED if holds else other
        for holds, why, new in zip(inside, places, newly, strict=True)
    ]


def _personal(known: _Known, why: list[int]) -> Reason:
    evidence = [known.items[place] for place in why]
    return Reason(CODES[evidence[0].kind], tuple([past.key for past in evidence]))
