"""What rules may know of items: what their cards say now."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.engine.ids import digest
from personalization.engine.rules.facts import Money
from personalization.models import Item
from personalization.store.bulk import batches
from personalization.store.lookup import LOOKUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from personalization.adapters import Page
    from personalization.engine.types import Card

#: Texts as long as the columns that facts of visitors are read from: both must be equal.
_LENGTH: Final = 255
_STEP: Final = Decimal("0.0001")
_LIMIT: Final = Decimal(10) ** 11


def facts_of_cards(cards: Mapping[str, Card]) -> dict[str, dict[str, object]]:
    """Facts by key, as their types say; what a card does not know is left out."""
    return {key: _facts(card) for key, card in cards.items()}


def find_item_facts(keys: Collection[str], *, page: Page) -> dict[str, dict[str, object]]:
    """The same for keys, whose cards are asked for once; keys that the shop does not know are left out.

    Tags that cards do not tell are those that learning keeps: as of the last rebuild or import.
    """
    cards = get_adapter().cards(keys, page)
    facts = facts_of_cards(cards)
    untold = [key for key, card in cards.items() if card.tags is None]
    for key, tags in _kept_tags(untold, page.tenant):
        facts[key]["item.tags"] = frozenset(map(str, tags))
    return facts


def _facts(card: Card) -> dict[str, object]:
    told: dict[str, object | None] = {
        "item.key": card.key,
        "item.category": card.category[:_LENGTH] or None,
        "item.brand": card.brand[:_LENGTH] or None,
        "item.price": _money(card.price, card.currency),
        "item.stock": _number(card.stock),
        "item.listed_at": card.listed_at,
        "item.tags": None if card.tags is None else frozenset(card.tags),
        **{f"item.attribute:{name}": text or None for name, text in card.attributes.items()},
    }
    return {name: value for name, value in told.items() if value is not None}


def _money(price: str, currency: str) -> Money | None:
    """With as many decimals as columns of amounts hold; a price that is in no currency is unknown."""
    try:
        amount = Decimal(price)
        rounded = amount.quantize(_STEP)
    except InvalidOperation:
        return None
    if not currency or not amount.is_finite() or abs(amount) >= _LIMIT:
        return None
    return Money(amount if amount == rounded else rounded, currency)


def _number(stock: int | Decimal | None) -> int | Decimal | None:
    """Whole pieces as such, whatever the column they stand in."""
    if stock is None or not Decimal(stock).is_finite():
        return None
    return int(stock) if stock == int(stock) else Decimal(stock).normalize()


def _kept_tags(keys: Iterable[str], tenant: str) -> list[tuple[str, list[str]]]:
    """Of items that are interned; some databases find "A" for "a", digests do not."""
    return [
        row
        for batch in batches(map(digest, keys), LOOKUP)
        for row in Item.objects.filter(tenant=tenant, digest__in=batch).values_list("key", "tags")
    ]
