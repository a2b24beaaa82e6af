"""What our item rows say, as the catalog that recommenders learn from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.models import Item

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

#: Rows fetched at once; each block starts behind the last id of the one before.
BLOCK: Final = 20_000
#: What is read of an item, in the order of `DescribedItems.rows`.
COLUMNS: Final = ("key", "title", "category", "brand", "tags", "attributes", "price", "currency", "listed_at")
#: Of an item without a row.
_NOTHING: Final = ("", "", "", "", "[]", "{}", None, "", None)


@dataclass(frozen=True, slots=True, eq=False)
class DescribedItems:
    """What the rows of a tenant's items say, by item id; of items without a row nothing is known."""

    rows: Mapping[int, tuple[Any, ...]]

    def highest_key_first(self, ids: Iterable[int]) -> list[int]:
        """The ids in the order in which a vocabulary has them: ties of scores go to the lower row."""
        return sorted(ids, key=lambda pk: (self._of(pk)[0], pk), reverse=True)

    def catalog(self, ids: Iterable[int]) -> Catalog:
        """What is known of these items, in their order. A price that is not in the currency of most is not known: it cannot
        be compared with theirs."""
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
            prices=_comparable(prices, currencies),
            listed_at=np.array([UNKNOWN_TIME if at is None else at for at in listed], np.int64),
        )

    def _of(self, pk: int) -> tuple[Any, ...]:
        return self.rows.get(pk, _NOTHING)


def _comparable(prices: Sequence[Any], currencies: Sequence[str]) -> NDArray[np.float64]:
    counted = Counter(
        [currency for price, currency in zip(prices, currencies, strict=True) if price is not None]
    )
    usual = min(counted, key=lambda currency: (-counted[currency], currency), default="")
    told = zip(prices, currencies, strict=True)
    return np.array(
        [np.nan if price is None or currency != usual else float(price) for price, currency in told],
        np.float64,
    )


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
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [tenant, last])
            rows = cursor.fetchall()
            if not rows:
                return DescribedItems(known)
            known.update((pk, tuple(told)) for pk, *told in rows if pk in wanted)
            last = rows[-1][0]
