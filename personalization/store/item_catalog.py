"""Our item rows as the engine reads a catalog: in columns, whole."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.core.signals import setting_changed
from django.db import connections, router

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.engine.recommenders.knowledge_based import KnowledgeBased
from personalization.models import Item
from personalization.store.stamps import read_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_COLUMNS: Final = (
    "id",
    "key",
    "title",
    "category",
    "brand",
    "tags",
    "attributes",
    "price",
    "currency",
    "listed_at",
    "active",
    "stock",
)
#: The stamp that grows when an item is stored or changes.
_CATALOG: Final = "catalog"


@dataclass(frozen=True, slots=True, eq=False)
class ItemCatalog:
    """Every item of a tenant, the newest row first.

    ids      : int32 (n,)
    keys     : by row
    for_sale : bool (n,) as far as our rows know: the adapter has the last word
    catalog  : what the rows say; a price that is not in the currency of most is not known, as it cannot be compared
    """

    ids: NDArray[np.int32]
    keys: tuple[str, ...]
    for_sale: NDArray[np.bool_]
    catalog: Catalog


@dataclass(frozen=True, slots=True, eq=False)
class HeldCatalog:
    """The catalog as a process keeps it while nothing changes. ``rows``: by key."""

    version: int
    items: ItemCatalog
    rows: Mapping[str, int]
    knowledge: KnowledgeBased


_held: dict[str, HeldCatalog] = {}


def held_catalog(*, tenant: str) -> HeldCatalog:
    """The catalog of a tenant by one statement, and a second one where an item was stored or changed meanwhile."""
    version = read_stamp(_CATALOG, tenant=tenant)
    held = _held.get(tenant)
    if held is None or held.version != version:
        items = read_catalog(tenant=tenant)
        rows = {key: row for row, key in enumerate(items.keys)}
        held = _held[tenant] = HeldCatalog(version, items, rows, KnowledgeBased(items.catalog))
    return held


def forget_catalogs() -> None:
    """Drop every catalog that this process keeps."""
    _held.clear()


def read_catalog(*, tenant: str) -> ItemCatalog:
    """Every item row, by one statement and without the ORM, which would cost several times as much."""
    connection = connections[router.db_for_read(Item)]
    columns = ", ".join(map(connection.ops.quote_name, _COLUMNS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {Item._meta.db_table} WHERE tenant = %s ORDER BY id DESC", [tenant]
        )
        rows = cursor.fetchall()
    return _catalog(dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {})


def _catalog(columns: Mapping[str, Sequence[Any]]) -> ItemCatalog:
    told = {name: columns.get(name, ()) for name in _COLUMNS}
    stock = np.array([1.0 if left is None else float(left) for left in told["stock"]], np.float64)
    listed = [UNKNOWN_TIME if at is None else at for at in told["listed_at"]]
    catalog = Catalog(
        titles=tuple(told["title"]),
        tags=tuple([tuple(map(str, json.loads(tags))) for tags in told["tags"]]),
        categories=tuple(map(sys.intern, told["category"])),
        brands=tuple(map(sys.intern, told["brand"])),
        attributes=tuple([_attributes(written) for written in told["attributes"]]),
        prices=_prices(told["price"], told["currency"]),
        listed_at=np.array(listed, np.int64),
    )
    return ItemCatalog(
        np.array(told["id"], np.int32),
        tuple(told["key"]),
        np.array(told["active"], bool) & (stock > 0),
        catalog,
    )


def _attributes(written: str) -> dict[str, str]:
    """JSON comes as text from a raw cursor, on every database."""
    return {sys.intern(name): str(value) for name, value in json.loads(written).items()}


def _prices(prices: Sequence[Any], currencies: Sequence[str]) -> NDArray[np.float64]:
    counted = Counter(
        currency for currency, price in zip(currencies, prices, strict=True) if price is not None
    )
    usual = min(counted, key=lambda currency: (-counted[currency], currency), default="")
    return np.array(
        [
            np.nan if price is None or currency != usual else float(price)
            for price, currency in zip(prices, currencies, strict=True)
        ],
        np.float64,
    )


def _forget_on_change(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        forget_catalogs()


setting_changed.connect(_forget_on_change, dispatch_uid="personalization.item_catalog")
