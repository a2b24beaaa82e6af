"""What somebody of whom nothing is known yet may choose from, so that the next page is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.serving.candidates import FALLBACKS
from personalization.serving.holdout import HOLDOUT, arm_of
from personalization.serving.page_state import page_state
from personalization.serving.personal_page import mark_personal
from personalization.serving.slots import check_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from personalization.engine.types import Card, Query
    from personalization.serving.page_state import PageState

#: How many of the most popular items the choice is made from.
POOL: Final = 200


def first_choice(query: Query, *, request: HttpRequest | None = None) -> tuple[Card, ...]:
    """``query.count`` popular items of as many categories as there are, or the newest where nothing is popular yet; none for
    who has a history already, or is held out.

    Raises InvalidInputError naming ``count``.
    """
    count = check_count(query.count)
    mark_personal(request)
    if arm_of(query.identity, tenant=query.tenant).name == HOLDOUT:
        return ()
    state = page_state(query, request)
    if state.history.liked:
        return ()
    page = state.page(query, request)
    keys = _popular(state) or get_adapter().newest_keys(POOL, page)
    cards = get_adapter().cards(keys, page)
    offered = [cards[key] for key in keys if key in cards and cards[key].eligible]
    chosen = spread(card for card in offered if card.key not in state.shown)[:count]
    state.shown.update([card.key for card in chosen])
    return tuple(chosen)


def spread(cards: Iterable[Card]) -> list[Card]:
    """The first of each category in their order, then the second of each, and so on."""
    places: dict[str, int] = {}
    ranked: list[tuple[int, Card]] = []
    for card in cards:
        places[card.category] = place = places.get(card.category, 0) + 1
        ranked.append((place, card))
    return [card for _place, card in sorted(ranked, key=lambda pair: pair[0])]


def _popular(state: PageState) -> list[str]:
    for alias in FALLBACKS:
        tables = state.tables(alias)
        if tables is not None and tables.ranking is not None and len(tables.ranking.items):
            return [key for key in tables.vocabulary.keys(tables.ranking.items[:POOL]) if key]
    return []
