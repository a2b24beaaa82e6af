"""The right one: items that are as somebody says they should be. Nobody is known, and nothing was learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from personalization.adapters import Page, get_adapter
from personalization.exceptions import InvalidInputError
from personalization.serving.requirement_text import requirement_text
from personalization.serving.slots import check_count
from personalization.store.item_catalog import held_catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from personalization.engine.knowledge import Requirement, Wish
    from personalization.engine.recommenders.knowledge_based import Found
    from personalization.engine.types import Card
    from personalization.store.item_catalog import HeldCatalog

#: How many more items than wanted are asked of the adapter first, and then, because some may not be shown.
_SPARE: Final = 10
_MORE: Final = 1000
#: How often musts are given up because whatever met them may not be shown.
_ROUNDS: Final = 4
#: How many other ways to give something up are told.
_ALTERNATIVES: Final = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A requirement and how it reads in the language of the page."""

    requirement: Requirement
    text: str


@dataclass(frozen=True, slots=True)
class AdvisedItem:
    """One item of an answer. ``score``: 0 … 1; ``satisfied``, ``violated``: which requirements it meets, and which not."""

    key: str
    score: float
    card: Card
    satisfied: tuple[Told, ...] = ()
    violated: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """Requirements that could be given up instead, and how many items would be left."""

    dropped: tuple[Told, ...]
    items: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What fits best, best first.

    ``relaxed``: musts that nothing meets together, and that were given up; ``alternatives``: as few others would do as
    well; ``total``: how many items meet the musts that were kept, as far as our rows know.
    """

    items: tuple[AdvisedItem, ...] = ()
    relaxed: tuple[Told, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    total: int = 0


def advise(
    wish: Wish, *, count: int, tenant: str = "", store: str = "", request: HttpRequest | None = None
) -> Advice:
    """Items for a wish, none of them sold out.

    Raises InvalidInputError naming ``count``, ``like`` or a critique.
    """
    check_count(count)
    held = held_catalog(tenant=tenant)
    like = _row(wish, held, tenant) if wish.like else None
    page = Page(tenant, store, get_language() or "", catalog_version=held.version, request=request)
    found, shown = _find(wish, held, like, count, page)
    return _advice(held, found, shown)


def _row(wish: Wish, held: HeldCatalog, tenant: str) -> int:
    key = wish.like
    if key not in held.rows:
        key = get_adapter().canonical_keys([key], tenant).get(key, key)
    if key not in held.rows:
        raise InvalidInputError("like", "there is no such item", code="no_such_item")
    return held.rows[key]


def _find(
    wish: Wish, held: HeldCatalog, like: int | None, count: int, page: Page
) -> tuple[Found, dict[int, Card]]:
    """What fits, and the cards of the best that may be shown, by place. Musts are given up for items that can be had."""
    allowed = held.items.for_sale.copy()
    for _ in range(_ROUNDS):
        found = held.knowledge.find(wish, allowed=allowed, like=like)
        shown = _shown(held, found, count, page)
        if shown or not len(found.order):
            break
        allowed[found.order[: count + _SPARE + _MORE]] = False
    return found, shown


def _shown(held: HeldCatalog, found: Found, count: int, page: Page) -> dict[int, Card]:
    shown: dict[int, Card] = {}
    first = count + _SPARE
    for start, stop in ((0, first), (first, first + _MORE)):
        keys = [held.items.keys[row] for row in found.order[start:stop]]
        if keys and len(shown) < count:
            cards = get_adapter().cards(keys, page)
            fit = [
                (place, cards[key])
                for place, key in enumerate(keys, start)
                if key in cards and cards[key].eligible
            ]
            shown.update(fit[: count - len(shown)])
    return shown


def _advice(held: HeldCatalog, found: Found, shown: dict[int, Card]) -> Advice:
    matches = held.knowledge.explain(found, list(shown))
    return Advice(
        items=tuple(
            [
                AdvisedItem(card.key, match.score, card, _told(match.satisfied), _told(match.violated))
                for match, card in zip(matches, shown.values(), strict=True)
            ]
        ),
        relaxed=_told(found.relaxed),
        alternatives=tuple(
            [
                Alternative(_told(each.dropped), each.items)
                for each in found.relaxations[1 : 1 + _ALTERNATIVES]
            ]
        ),
        total=len(found.order),
    )


def _told(requirements: Iterable[Requirement]) -> tuple[Told, ...]:
    return tuple([Told(one, requirement_text(one)) for one in requirements])
