"""Item keys ⇄ item rows: the interning table, and the catalog of hosts that import theirs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from django.db import connections, router

from personalization.adapters import get_adapter
from personalization.engine import ids
from personalization.engine.instants import from_micros
from personalization.models import Item
from personalization.store.bulk import batches
from personalization.store.lookup import look_up
from personalization.store.pictures import pack_descriptor
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from personalization.engine.types import ItemRecord

LOOKUP: Final = 500
#: The origin of items that a file told of, for packages that do not touch the models.
IMPORTED: Final = Item.Origin.IMPORT
#: What a record says of an item, in the columns of its row.
_CONTENT: Final = (
    "origin",
    "title",
    "category",
    "price",
    "currency",
    "tags",
    "url",
    "image",
    "active",
    "brand",
    "attributes",
    "listed_at",
    "stock",
    "picture_descriptor",
)
_PRICE, _PRICE_LIMIT = Decimal("0.0001"), Decimal(10) ** 11
_STOCK, _STOCK_LIMIT = Decimal("0.001"), Decimal(10) ** 9
_IDS: Final = f"SELECT digest, id FROM {Item._meta.db_table} WHERE tenant = %s AND digest IN"


@dataclass(frozen=True, slots=True)
class Stored:
    """``stored``: items that are new; ``updated``: items that were known and now are as the record says."""

    stored: int
    updated: int


def upsert_items(records: Sequence[ItemRecord], *, tenant: str, origin: Item.Origin, now: int) -> Stored:
    """Store what records say of items; of several records with one key, the last holds."""
    rows = {ids.digest(record.key): _row(record, tenant, origin, now) for record in records}
    stored = in_transaction(partial(_upsert, rows, tenant), using=router.db_for_write(Item))
    return Stored(stored, len(records) - stored)


#: The keys of a catalog are asked for again and again.
_digest = lru_cache(maxsize=16_384)(ids.digest)


def item_ids(keys: Collection[str], *, tenant: str) -> dict[str, int]:
    """Ids by key; keys without a row are left out."""
    digests = {_digest(key): key for key in keys}
    return {digests[bytes(digest)]: pk for digest, pk in look_up(Item, _IDS, [tenant], digests)}


def intern_items(keys: Collection[str], *, tenant: str, now: int) -> dict[str, int]:
    """Ids by key, after asking the host's adapter for keys without a row; what it does not know is left out."""
    known = item_ids(keys, tenant=tenant)
    missing = set(keys) - known.keys()
    if missing and (records := get_adapter().find_items(missing, tenant)):
        upsert_items(records, tenant=tenant, origin=Item.Origin.ADAPTER, now=now)
        known |= item_ids(missing, tenant=tenant)
    return known


def item_keys(pks: Iterable[int], *, tenant: str) -> dict[int, str]:
    """Keys by id; ids that are not of this tenant are left out."""
    return {
        pk: key
        for batch in batches(pks, LOOKUP)
        for pk, key in Item.objects.filter(tenant=tenant, pk__in=batch).values_list("pk", "key")
    }


def _upsert(rows: Mapping[bytes, Item], tenant: str) -> int:
    """Write what differs, in one order everywhere, so that two writers seldom lock each other out."""
    known = {row.digest: row for row in _rows(rows, tenant)}
    changed = [rows[digest] for digest in sorted(rows) if not _same(rows[digest], known.get(digest))]
    if changed:
        for row in changed:  # an upsert without its number would use up another one
            row.pk = known[row.digest].pk if row.digest in known else None
        _write(changed)
        bump_stamp("catalog", tenant=tenant)
    return len(rows) - len(known)


def _rows(digests: Iterable[bytes], tenant: str) -> list[Item]:
    return [
        row
        for batch in batches(digests, LOOKUP)
        for row in Item.objects.filter(tenant=tenant, digest__in=batch)
    ]


def _row(record: ItemRecord, tenant: str, origin: Item.Origin, now: int) -> Item:
    return Item(
        tenant=tenant,
        key=record.key,
        digest=ids.digest(record.key),
        origin=origin,
        title=record.title[:255],
        category=record.category[:255],
        price=_decimal(record.price, _PRICE, _PRICE_LIMIT),
        currency=record.currency[:3],
        tags=list(record.tags),
        url=record.url[:500],
        image=record.image[:500],
        active=record.active,
        brand=record.brand[:255],
        attributes=dict(record.attributes),
        listed_at=None if record.listed_at is None else from_micros(record.listed_at),
        stock=None if record.stock is None else _decimal(record.stock, _STOCK, _STOCK_LIMIT),
        picture_descriptor=pack_descriptor(record.picture_descriptor),
        created_at=now,
        updated_at=now,
    )


def _decimal(told: str | int | Decimal, step: Decimal, limit: Decimal) -> Decimal | None:
    """A price or a stock as its column holds it; what a host tells that is no such number is unknown."""
    try:
        number = Decimal(told).quantize(step)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < limit else None


def _same(row: Item, known: Item | None) -> bool:
    return known is not None and all(getattr(row, name) == getattr(known, name) for name in _CONTENT)


def _write(rows: list[Item]) -> None:
    features = connections[router.db_for_write(Item)].features
    target = ["tenant", "digest"] if features.supports_update_conflicts_with_target else None
    Item.objects.bulk_create(
        rows,
        batch_size=LOOKUP,
        update_conflicts=True,
        update_fields=[*_CONTENT, "updated_at"],
        unique_fields=target,
    )
