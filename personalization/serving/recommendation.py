"""From a query to an answer: candidates, eligibility, reasons, token. Reads only."""

from __future__ import annotations

import secrets
from itertools import islice
from typing import TYPE_CHECKING, Final

from personalization.adapters import Page, get_adapter
from personalization.engine.types import Mode, Reason, ReasonCode, Recommendation, RecommendedItem
from personalization.exceptions import InvalidInputError
from personalization.serving.candidates import Demand, find_candidates
from personalization.serving.page_state import page_state
from personalization.serving.reasons import CODES, ReasonTexts
from personalization.serving.slots import SlotKind, check_count, get_slot
from personalization.serving.token import AnswerToken, sign_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from personalization.engine.types import Card, Query
    from personalization.serving.candidates import Candidate
    from personalization.serving.slots import Slot

#: How many more candidates are asked for when too few of the first were eligible.
_MORE: Final = 1000
_PERSONAL: Final = frozenset({*CODES.values(), ReasonCode.RECENTLY_VIEWED})
_NEWEST: Final = Reason(ReasonCode.NEWEST)


def recommend(query: Query, *, request: HttpRequest | None = None) -> Recommendation:
    """The answer to a query. Slots of one request share one read, and show no item twice.

    Raises InvalidInputError naming ``slot``, ``count`` or ``item``.
    """
    slot = get_slot(query.slot)
    count = slot.count if query.count is None else check_count(query.count)
    if slot.kind == SlotKind.SIMILAR and not query.items:
        raise InvalidInputError("item", f"slot {slot.name!r} needs an item to be similar to", code="required")
    state = page_state(query, request)
    blocked = state.excluded(slot.exclude).union(query.exclude, query.items)
    if slot.kind != SlotKind.RECENTLY_VIEWED:
        blocked |= state.shown
    demand = Demand(state, slot, query.items, blocked, limit=3 * count + 10)
    shelf = _Shelf(state.page(query, request), count)
    _fill(shelf, demand)
    state.shown.update([key for key, _, _ in shelf.chosen])
    own = state.tables(slot.recommender) if slot.recommender else None
    return _answer(query, slot, shelf, build=own.key.id if own else None)


def recommend_newest(query: Query, *, request: HttpRequest | None = None) -> Recommendation:
    """The last rung alone, which needs none of our tables: for a page whose slot failed."""
    slot = get_slot(query.slot)
    shelf = _Shelf(
        Page(tenant=query.tenant, store=query.store, request=request),
        slot.count if query.count is None else check_count(query.count),
    )
    if slot.fill:
        shelf.put_newest(query.exclude.union(query.items))
    return _answer(query, slot, shelf, build=None)


class _Shelf:
    """The eligible candidates of one answer, in order, with the cards that were fetched for it."""

    __slots__ = ("_count", "_page", "_tried", "cards", "chosen")

    def __init__(self, page: Page, count: int) -> None:
        self._page = page
        self._count = count
        self._tried: set[str] = set()
        self.cards: dict[str, Card] = {}
        self.chosen: list[Candidate] = []

    @property
    def full(self) -> bool:
        return len(self.chosen) >= self._count

    def put(self, candidates: Iterable[Candidate]) -> None:
        """Keep the eligible ones, after one look at the cards of them all and of what their reasons name."""
        fresh = [candidate for candidate in candidates if candidate[0] not in self._tried]
        if not fresh:
            return
        wanted = dict.fromkeys([key for key, _, _ in fresh])
        self._tried |= wanted.keys()
        named = {id(reason): reason.evidence[0] for _, _, reason in fresh if reason.evidence}
        wanted |= dict.fromkeys(named.values())
        self.cards |= get_adapter().cards([key for key in wanted if key not in self.cards], self._page)
        places = self._count - len(self.chosen)
        eligible = (c for c in fresh if (card := self.cards.get(c[0])) is not None and card.eligible)
        self.chosen += islice(eligible, places)

    def put_newest(self, blocked: frozenset[str]) -> None:
        """Whatever is for sale, newest first."""
        keys = get_adapter().newest_keys(
            self._count + min(len(blocked), _MORE) + len(self.chosen), self._page
        )
        self.put([(key, 0.0, _NEWEST) for key in keys if key not in blocked])


def _fill(shelf: _Shelf, demand: Demand) -> None:
    """Eligibility comes before truncation: what may not be shown never takes a place."""
    first = find_candidates(demand)
    shelf.put(first)
    if not shelf.full and len(first) == demand.limit:
        shelf.put(find_candidates(demand._replace(limit=demand.limit + _MORE)))
    if not shelf.full and demand.slot.fill:
        shelf.put_newest(demand.blocked)


def _answer(query: Query, slot: Slot, shelf: _Shelf, *, build: int | None) -> Recommendation:
    texts = ReasonTexts(shelf.cards)
    items = tuple(
        [
            RecommendedItem(key, score, reason, texts.text(reason), shelf.cards[key])
            for key, score, reason in shelf.chosen
        ]
    )
    answer = AnswerToken(
        id=secrets.token_urlsafe(12),
        slot=slot.name,
        mode=_mode(shelf.chosen),
        items=tuple([key for key, _, _ in shelf.chosen]),
        build=build,
        tenant=query.tenant,
        at=query.now,
    )
    return Recommendation(answer.id, slot.name, answer.mode, items, sign_answer(answer), build)


def _mode(chosen: list[Candidate]) -> Mode:
    codes = {reason.code for _, _, reason in chosen}
    if codes & _PERSONAL:
        return Mode.PERSONALIZED
    return Mode.CONTEXTUAL if ReasonCode.SIMILAR in codes else Mode.NON_PERSONALIZED
