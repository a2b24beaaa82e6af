"""Our item rows as the engine reads a catalog: in columns, whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from django.core.signals import setting_changed
from django.db import connections, router

from personalization.engine.recommenders.knowledge_based import KnowledgeBased
from personalization.models import Item
from personalization.store.currencies import usual_of
from personalization.store.described import COLUMNS, DescribedItems, count_currencies
from personalization.store.pictures import stack_descriptors
from personalization.store.stamps import read_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog

#: What is read besides what the catalog says.
_MORE: Final = ("active", "stock")
_PICTURE: Final = "picture_descriptor"
#: The stamp that grows when an item is stored or changes.
_CATALOG: Final = "catalog"


@dataclass(frozen=True, slots=True, eq=False)
class ItemCatalog:
    """Every item of a tenant, the newest row first.

    ids      : int32 (n,)
    keys     : by row
    for_sale : bool (n,) as far as our rows know: the adapter has the last word
    catalog  : what the rows say
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


def read_catalog(*, tenant: str, pictures: bool = False) -> ItemCatalog:
    """Every item row, by one statement and without the ORM, which would cost several times as much. ``pictures``: with what
    they look like."""
    connection = connections[router.db_for_read(Item)]
    more = (*_MORE, _PICTURE) if pictures else _MORE
    columns = ", ".join(map(connection.ops.quote_name, (*COLUMNS, *more)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {columns} FROM {Item._meta.db_table} WHERE tenant = %s ORDER BY id DESC", [tenant]
        )
        rows = cursor.fetchall()
    told = {pk: row for pk, *row in rows}
    usual = usual_of(count_currencies(told.values()))
    described = DescribedItems({pk: tuple(row[: len(COLUMNS)]) for pk, row in told.items()}, usual)
    catalog, rest = described.catalog(told), [row[len(COLUMNS) :] for row in told.values()]
    if pictures:
        catalog = replace(catalog, pictures=stack_descriptors([row[-1] for row in rest]))
    return ItemCatalog(
        ids=np.array(list(told), np.int32),
        keys=tuple([row[0] for row in told.values()]),
        for_sale=np.array([bool(active) and (left is None or left > 0) for active, left, *_ in rest], bool),
        catalog=catalog,
    )


def _forget_on_change(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        forget_catalogs()


setting_changed.connect(_forget_on_change, dispatch_uid="personalization.item_catalog")
