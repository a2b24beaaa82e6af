"""The built-in adapter: the catalog is what `import_items` stored in our own item rows."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.core.signals import setting_changed
from django.db import connections, router
from django.db.models import Q

from personalization.adapters.base import Adapter, Page
from personalization.engine.ids import digest, is_key
from personalization.engine.instants import to_micros
from personalization.engine.types import Card, ItemRecord
from personalization.models import Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: How many cards a process keeps, twice: the young half and the old half.
KEPT: Final = 10_000
#: How many keys one statement asks for.
_LOOKUP: Final = 500
_CARD_COLUMNS: Final = (
    "key",
    "title",
    "url",
    "image",
    "price",
    "currency",
    "category",
    "active",
    "brand",
    "stock",
    "tags",
    "attributes",
    "listed_at",
)
#: What is sold out, where an import told of a stock.
_SOLD_OUT: Final = Q(stock__lte=0)


class _Cards:
    """The cards of one version of a tenant's catalog, those used least recently dropped in halves."""

    __slots__ = ("_old", "_young", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        self._young: dict[str, Card] = {}
        self._old: dict[str, Card] = {}

    def find(self, keys: Iterable[str]) -> dict[str, Card]:
        """The cards that are here."""
        young = self._young
        found = {key: card for key in keys if (card := young.get(key)) is not None}
        if self._old:
            for key in keys:
                if key not in found and (card := self._old.get(key)) is not None:
                    found[key] = card
                    self.keep(card)
        return found

    def keep(self, card: Card) -> None:
        if len(self._young) >= KEPT:
            self._old, self._young = self._young, {}
        self._young[card.key] = card


_kept: dict[str, _Cards] = {}


def forget_cards() -> None:
    """Drop every card that this process keeps."""
    _kept.clear()


class CatalogAdapter(Adapter):
    """Items of our own. A card costs no statement while the catalog's stamp says that it did not change."""

    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        for item in Item.objects.filter(tenant=tenant).order_by("pk").iterator(chunk_size=2000):
            yield _record(item)

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        wanted = [digest(key) for key in keys if is_key(key)]
        return [
            _record(item)
            for start in range(0, len(wanted), _LOOKUP)
            for item in Item.objects.filter(tenant=tenant, digest__in=wanted[start : start + _LOOKUP])
        ]

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        wanted = list(keys)
        kept = _cards_of(page)
        found = kept.find(wanted)
        missing = (
            [key for key in wanted if key not in found and is_key(key)] if len(found) < len(wanted) else []
        )
        for start in range(0, len(missing), _LOOKUP):
            for card in _read_cards(missing[start : start + _LOOKUP], page.tenant):
                kept.keep(card)
                found[card.key] = card
        return found

    def newest_keys(self, count: int, page: Page) -> list[str]:
        newest = Item.objects.filter(tenant=page.tenant, active=True).exclude(_SOLD_OUT).order_by("-pk")
        return list(newest.values_list("key", flat=True)[:count])


def _cards_of(page: Page) -> _Cards:
    """The process's cards of this catalog; none are kept for a page that does not know the catalog's version."""
    if not page.catalog_version:
        return _Cards(0)
    kept = _kept.get(page.tenant)
    if kept is None or kept.version != page.catalog_version:
        kept = _kept[page.tenant] = _Cards(page.catalog_version)
    return kept


def _read_cards(keys: list[str], tenant: str) -> list[Card]:
    """By a raw cursor: building and compiling a queryset costs several times what the query does."""
    connection = connections[router.db_for_read(Item)]
    columns = ", ".join(map(connection.ops.quote_name, _CARD_COLUMNS))
    places = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {Item._meta.db_table} WHERE tenant = %s AND digest IN ({places})",
            [tenant, *map(digest, keys)],
        )
        return [_card(*row) for row in cursor.fetchall()]


def _card(key: str, title: str, url: str, image: str, price: Any, *more: Any) -> Card:
    """A row of the columns above. JSON comes as text from a raw cursor, on every database."""
    currency, category, active, brand, left, tags, attributes, listed_at = more
    stock = None if left is None else _exact(left)
    return Card(
        sys.intern(key),
        title or key,
        url,
        image,
        _price(price),
        currency,
        category,
        bool(active) and (stock is None or stock > 0),
        brand,
        stock,
        tuple(json.loads(tags)),
        json.loads(attributes),
        listed_at,
    )


def _price(price: Any) -> str:
    """Decimal text with at least two places, however the database hands the number over."""
    if price is None:
        return ""
    exact = _exact(price)
    cents = exact.quantize(Decimal("0.01"))
    return str(cents if cents == exact else exact.normalize())


def _exact(number: Any) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))


def _record(item: Item) -> ItemRecord:
    return ItemRecord(
        key=item.key,
        title=item.title,
        category=item.category,
        price=_price(item.price),
        currency=item.currency,
        tags=tuple(item.tags),
        url=item.url,
        image=item.image,
        active=item.active,
        brand=item.brand,
        attributes=item.attributes,
        listed_at=None if item.listed_at is None else to_micros(item.listed_at),
        stock=item.stock,
    )


def _forget_on_change(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        forget_cards()


setting_changed.connect(_forget_on_change, dispatch_uid="personalization.catalog")
