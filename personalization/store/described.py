"""What our item rows say, as the catalog that recommenders learn from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.models import Item

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows fetched at once; each block starts behind the last id of the one before.
BLOCK: Final = 20_000
_COLUMNS: Final = ("title", "category", "brand", "tags", "attributes", "price", "listed_at")
#: Of an item without a row.
_NOTHING: Final = ("", "", "", "[]", "{}", None, None)


def read_catalog(item_ids: NDArray[np.int32], *, tenant: str) -> Catalog:
    """What is known of items, in their order; of those without a row nothing is known.

    One statement for each block of the tenant's items: asking for the ids would take one for every few hundred.
    """
    rows = _read(set(item_ids.tolist()), tenant)
    told = [rows.get(pk, _NOTHING) for pk in item_ids.tolist()]
    titles, categories, brands, tags, attributes, prices, listed = (
        zip(*told, strict=True) if told else [()] * len(_COLUMNS)
    )
    return Catalog(
        titles=tuple(titles),
        categories=tuple(categories),
        brands=tuple(brands),
        tags=tuple(tuple(map(str, json.loads(text))) for text in tags),
        attributes=tuple(
            {name: str(value) for name, value in json.loads(text).items()} for text in attributes
        ),
        prices=np.array([np.nan if price is None else float(price) for price in prices], np.float64),
        listed_at=np.array([UNKNOWN_TIME if at is None else at for at in listed], np.int64),
    )


def _read(wanted: set[int], tenant: str) -> dict[int, tuple[Any, ...]]:
    """By a raw cursor: JSON comes as text, an instant as a number, and no model instance is made."""
    connection = connections[router.db_for_read(Item)]
    columns = ", ".join(map(connection.ops.quote_name, _COLUMNS))
    sql = (
        f"SELECT id, {columns} FROM {connection.ops.quote_name(Item._meta.db_table)} "
        f"WHERE tenant = %s AND id > %s ORDER BY id LIMIT {BLOCK}"
    )
    known: dict[int, tuple[Any, ...]] = {}
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [tenant, last])
            rows = cursor.fetchall()
            if not rows:
                return known
            known.update((pk, told) for pk, *told in rows if pk in wanted)
            last = rows[-1][0]
