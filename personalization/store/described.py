"""What our item rows say, as the catalog that recommenders learn from."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.models import Item
from personalization.store.currencies import usual_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence


#: Rows fetched at once; each block starts behind the last id of the one before.
BLOCK: Final = 20_000
#: What is read of an item, in the order of `DescribedItems.rows`.
COLUMNS: Final = ("key", "title", "category", "brand", "tags", "attributes", "price", "currency", "listed_at")
_PRICE, _CURRENCY = COLUMNS.index("price"), COLUMNS.index("currency")
#: Of an item without a row.
_NOTHING: Final = ("", "", "", "", "[]", "{}", None, "", None)


@dataclass(frozen=True, slots=True, eq=False)
class DescribedItems:
    """What the rows of a tenant's items say, by item id; of items without a row nothing is known. ``currency``: the one that
    prices are compared in."""

    rows: Mapping[int, tuple[Any, ...]]
    currency: str

    def highest_key_first(self, ids: Iterable[int]) -> list[int]:
        """The ids in the order in which a vocabulary has them: ties of scores go to the lower row."""
        return sorted(ids, key=lambda pk: (self._of(pk)[0], pk), reverse=True)

    def catalog(self, ids: Iterable[int]) -> Catalog:
        """What is known of these items, in their order. A price in another currency is not known: it cannot be compared."""
        columns = list(zip(*map(self._of, ids), strict=True)) or [()] * len(COLUMNS)
        _, titles, categories, brands, tags, attributes, prices, currencies, listed = columns
        return Catalog(
            titles=titles,
            categories=categories,
            brands=brands,
            tags=tuple(tuple(map(str, json.loads(text))) for text in tags),
            attributes=tuple(
                {name: str(value) for name, value in json.loads(text).items()} for text in attributes
            ),
            prices=np.array(list(map(self._price, prices, currencies)), np.float64),
            listed_at=np.array([UNKNOWN_TIME if at is None else at for at in listed], np.int64),
        )

    def _of(self, pk: int) -> tuple[Any, ...]:
        return self.rows.get(pk, _NOTHING)

    def _price(self, price: Any, currency: str) -> float:
        return math.nan if price is None or currency not in {"", self.currency} else float(price)


def count_currencies(rows: Iterable[Sequence[Any]]) -> Counter[str]:
    """In how many rows with a price each currency stands. ``rows``: `COLUMNS` of each."""
    return Counter([row[_CURRENCY] for row in rows if row[_PRICE] is not None])


def describe_items(wanted: Container[int], *, tenant: str) -> DescribedItems:
    """The rows of those of a tenant's items that are wanted.

    One statement for each block of the tenant's items: asking for the ids would take one for every few hundred. By a
    raw cursor: JSON comes as text, an instant as a number, and no model instance is made.
    """
    connection = connections[router.db_for_read(Item)]
    columns = ", ".join(map(connection.ops.quote_name, COLUMNS))
    sql = (
        f"SELECT id, {columns} FROM {connection.ops.quote_name(Item._meta.db_table)} "
        f"WHERE tenant = %s AND id > %s ORDER BY id LIMIT {BLOCK}"
    )
    known: dict[int, tuple[Any, ...]] = {}
    priced: Counter[str] = Counter()
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [tenant, last])
            rows = {pk: tuple(told) for pk, *told in cursor.fetchall()}
            if not rows:
                return DescribedItems(known, usual_of(priced))
            priced += count_currencies(rows.values())
            known.update((pk, told) for pk, told in rows.items() if pk in wanted)
            last = max(rows)
