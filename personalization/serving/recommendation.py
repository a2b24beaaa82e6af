"""From a query to an answer: candidates, eligibility, reasons, token. Reads only."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from personalization.adapters import Page, get_adapter
from personalization.engine.types import Mode, ReasonCode, Recommendation, RecommendedItem
from personalization.exceptions import InvalidInputError
from personalization.serving.answer import write_answer
from personalization.serving.candidates import find_candidates
from personalization.serving.demand import Demand
from personalization.serving.holdout import HOLDOUT, arm_of
from personalization.serving.in_cart import keys_in_cart
from personalization.serving.page_state import page_state
from personalization.serving.personal_page import mark_personal
from personalization.serving.reasons import CODES, ReasonTexts
from personalization.serving.shelf import Shelf
from personalization.serving.slots import SlotKind, check_count, get_slot
from personalization.serving.token import AnswerToken, sign_answer

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Query
    from personalization.serving.demand import Candidate
    from personalization.store.live_tables import LiveTables

#: How many more candidates than items are asked for at least, because some may not be eligible.
_SPARE: Final = 10
#: How many more candidates are asked for when too few of the first were eligible.
_MORE: Final = 1000
_PERSONAL: Final = frozenset(
    {
        *CODES.values(),
        ReasonCode.HISTORY,
        ReasonCode.BOUGHT_BEFORE,
        ReasonCode.RECENTLY_VIEWED,
        ReasonCode.POPULAR_SEGMENT,
    }
)


def recommend(query: Query, *, request: HttpRequest | None = None) -> Recommendation:
    """The answer to a query. Slots of one request share one read, and show no item twice.

    Raises InvalidInputError naming ``slot``, ``count`` or ``item``.
    """
    return _recommendation(query, *_serve(query, request))


def recommend_json(query: Query, *, request: HttpRequest | None = None) -> bytes:
    """The same as JSON (see `write_answer`), without making objects that only a template would read."""
    shelf, build = _serve(query, request)
    token = _token(query, shelf, build)
    return write_answer(token, sign_answer(token), shelf.chosen, shelf.cards, language=shelf.language)


def _serve(query: Query, request: HttpRequest | None) -> tuple[Shelf, int | None]:
    """What is shown, and the build that it was learned in."""
    slot = get_slot(query.slot)
    count = slot.count if query.count is None else check_count(query.count)
    if slot.kind == SlotKind.CAMPAIGN:
        raise InvalidInputError("slot", f"slot {slot.name!r} shows campaigns, which serving does not know")
    if slot.kind == SlotKind.SIMILAR and not query.items:
        raise InvalidInputError("item", f"slot {slot.name!r} needs an item to be similar to", code="required")
    if query.identity is not None:
        mark_personal(request)
    state = page_state(known_as(query), request)
    own = state.tables(slot.recommender) if slot.recommender else None
    seeds = _products(query.items, own, state.tenant) if query.items else ()
    blocked = state.excluded(slot.exclude)
    if slot.kind == SlotKind.RECENTLY_VIEWED:
        blocked = blocked.union(query.exclude, seeds)
    else:
        in_cart = keys_in_cart(request)
        if in_cart:
            mark_personal(request)
        blocked = blocked.union(query.exclude, seeds, state.shown, in_cart)
    shelf = Shelf(state.page(query, request), count, slot.rules, query.now)
    demand = Demand(state, slot, seeds, blocked, limit=count + max(count, _SPARE), request=request)
    _fill(shelf, demand)
    state.shown.update(seeds, [entry[0] for entry in shelf.chosen])
    return shelf, own.key.id if own else None


def _products(keys: tuple[str, ...], tables: LiveTables | None, tenant: str) -> tuple[str, ...]:
    """Keys of variants → of their products; what was learned of stands for itself, and is not asked about."""
    unknown = [key for key in keys if tables is None or tables.vocabulary.find_row(key) is None]
    parents = get_adapter().canonical_keys(unknown, tenant) if unknown else {}
    return tuple([parents.get(key, key) for key in keys]) if parents else keys


def known_as(query: Query) -> Query:
    """The query as far as the answer may know who asks: in the holdout nobody is known."""
    held_out = arm_of(query.identity, tenant=query.tenant).name == HOLDOUT
    return replace(query, identity=None) if held_out else query


def recommend_newest(query: Query, *, request: HttpRequest | None = None) -> Recommendation:
    """The last rung alone, which needs none of our tables: for a page whose slot failed."""
    slot = get_slot(query.slot)
    if query.identity is not None:
        mark_personal(request)  # the answer's token says in which arm of the holdout somebody is
    shelf = Shelf(
        Page(query.tenant, query.store, get_language() or "", request=request),
        slot.count if query.count is None else check_count(query.count),
        slot.rules,
        query.now,
    )
    if slot.fill:
        shelf.put_newest(query.exclude.union(query.items))
    return _recommendation(query, shelf, None)


def _fill(shelf: Shelf, demand: Demand) -> None:
    """Eligibility comes before truncation: what may not be shown never takes a place."""
    first = find_candidates(demand)
    shelf.put(first)
    if not shelf.full and len(first) == demand.limit:
        shelf.put(find_candidates(demand._replace(limit=demand.limit + _MORE)))
    if not shelf.full and demand.slot.fill:
        shelf.put_newest(demand.blocked)


def _recommendation(query: Query, shelf: Shelf, build: int | None) -> Recommendation:
    texts = ReasonTexts(shelf.cards, shelf.language)
    items = tuple(
        [
            RecommendedItem(
                key, score, reason, texts.text(reason), shelf.cards[key], texts.because(key, reason)
            )
            for key, score, reason in shelf.chosen
        ]
    )
    token = _token(query, shelf, build)
    return Recommendation(token.id, token.slot, token.mode, items, sign_answer(token), build)


def _token(query: Query, shelf: Shelf, build: int | None) -> AnswerToken:
    arm = arm_of(query.identity, tenant=query.tenant)
    return AnswerToken(
        id=secrets.token_urlsafe(12),
        slot=query.slot,
        mode=_mode(shelf.chosen),
        items=tuple([entry[0] for entry in shelf.chosen]),
        build=build,
        arm=arm.name,
        propensity=arm.propensity,
        tenant=query.tenant,
        at=query.now,
    )


def _mode(chosen: list[Candidate]) -> Mode:
    codes = {reason.code for reason in {id(reason): reason for _, _, reason in chosen}.values()}
    if codes & _PERSONAL:
        return Mode.PERSONALIZED
    return Mode.CONTEXTUAL if ReasonCode.SIMILAR in codes else Mode.NON_PERSONALIZED
