"""Three products, as the adapter tells them and as a page would show them."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Final

from personalization.adapters import Page
from personalization.engine.ids import is_key
from personalization.management.doctor.finding import error, fine, note, warning
from personalization.management.doctor.proposal import product_lines
from personalization.management.doctor.visit import SAMPLE, counted, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from personalization.engine.types import Card, ItemRecord
    from personalization.management.doctor.finding import Finding
    from personalization.management.doctor.visit import Visit

ABOUT: Final = "Products"
#: What a card should have, and the line that gives it.
_WANTED: Final[Mapping[str, str]] = {
    "title": 'title_field = "…"',
    "price": 'price_field = "…"',
    "currency": 'currency = "EUR"',
    "url": "def url(self, product): …",
    "category": 'category_field = "…"',
    "image": 'image_field = "…"',
}


def look(visit: Visit) -> Iterator[Finding]:
    records = list(islice(visit.adapter.iter_items(visit.tenant), SAMPLE))
    if not records:
        yield warning(ABOUT, "There are none yet. Come back when the shop has some.")
        return
    page = Page(tenant=visit.tenant)
    keys = [record.key for record in records]
    with counted() as one:
        visit.adapter.cards(keys[:1], page)
    with counted() as all_:
        cards = visit.adapter.cards(keys, page)
    for record in records:
        yield _seen(record, cards.get(record.key))
    yield from _keys(visit, records)
    yield from _shown(visit, keys, cards)
    yield from _lacking(visit, records, cards)
    if len(all_) > len(one):
        yield warning(
            ABOUT,
            f"{some(len(one), 'statement')} for one card, {len(all_)} for {len(keys)}: a block of twelve asks the "
            "database again and again. Let card_queryset() fetch what cards show.",
        )


def _seen(record: ItemRecord, card: Card | None) -> Finding:
    price = f"{record.price} {record.currency}".strip() or "no price"
    brand = f"by {record.brand}" if record.brand else ""
    stock = "" if card is None or card.stock is None else f"{Decimal(card.stock).normalize():f} in stock"
    shown = "may be shown" if card and card.eligible else "may not be shown now"
    parts = (
        record.key,
        record.title or "no title",
        price,
        record.category or "no category",
        brand,
        stock,
        shown,
    )
    return fine(ABOUT, " · ".join(filter(None, parts)))


def _keys(visit: Visit, records: list[ItemRecord]) -> Iterator[Finding]:
    bad = [record.key for record in records if not is_key(record.key)]
    if bad:
        yield error(
            ABOUT, f"{bad[0]!r} cannot be a key: keys are texts of 1 to 255 characters. Set key_field."
        )
        return
    keys = [record.key for record in records]
    found = {record.key for record in visit.adapter.find_items(keys, visit.tenant)}
    if found != set(keys):
        lost = ", ".join(sorted(set(keys) - found))
        yield error(ABOUT, f"iter_items() tells of {lost}, but find_items() does not find it again.")
    if len(set(keys)) < len(keys):
        yield error(ABOUT, "Two products have one key. Set key_field to a unique field.")
    if variants := visit.adapter.canonical_keys(keys, visit.tenant):
        yield error(
            ABOUT, f"{next(iter(variants))} is a variant: iter_items() must tell of its product alone."
        )


def _shown(visit: Visit, keys: list[str], cards: Mapping[str, Card]) -> Iterator[Finding]:
    by_cards = {key for key, card in cards.items() if card.eligible}
    page = Page(tenant=visit.tenant)
    if visit.adapter.eligible_keys(keys, page) != by_cards:
        yield error(ABOUT, "eligible_keys() and the cards do not agree about what may be shown.")
    newest = visit.adapter.newest_keys(SAMPLE, page)
    if not newest:
        yield warning(ABOUT, "None of your products may be shown. Look at `available`, or at eligible_q().")
    elif visit.adapter.eligible_keys(newest, page) != set(newest):
        yield error(ABOUT, "newest_keys() names products that may not be shown.")


def _lacking(visit: Visit, records: list[ItemRecord], cards: Mapping[str, Card]) -> Iterator[Finding]:
    """What none of them has, with the line that would give it."""
    declared = visit.declares()
    proposed = product_lines(declared.model()) if declared else []
    for name, line in _WANTED.items():
        if any(getattr(each, name) for each in (*records, *cards.values())):
            continue
        if name == "currency" and not any(record.price for record in records):
            continue
        say = warning if name in ("title", "url") else note
        found = [one for one in proposed if one.startswith((f"{name}_field", f"{name}s_in_"))]
        yield say(ABOUT, f"None of them has any {name}.", add="\n".join(found) or line, to=visit.file)
