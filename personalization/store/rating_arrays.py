"""Ratings as arrays, for learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.models import Rating, Visitor

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows fetched at once; each block starts behind the last id of the one before.
BLOCK: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class RatingArrays:
    """What was said of items, as parallel arrays: of each person and item the latest.

    person : int64 (n,)  visitor id that stands for the owner
    item   : int32 (n,)  item id
    share  : float64 (n,)  where on its scale the rating lies: 0 the lowest value, 1 the highest
    at     : int64 (n,)  UTC microseconds
    """

    person: NDArray[np.int64]
    item: NDArray[np.int32]
    share: NDArray[np.float64]
    at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.person)


def extract_ratings(tenant: str, until: int) -> RatingArrays:
    """What the people of a tenant think of items, as of ``until`` (UTC microseconds): of several, the latest holds."""
    rows = _rows(tenant, until)
    person, item, rated_at, pk, value, low, high = (
        np.array(column, dtype)
        for column, dtype in zip(
            zip(*rows, strict=True) if rows else [()] * 7,
            (np.int64, np.int32, np.int64, np.int64, np.float64, np.float64, np.float64),
            strict=True,
        )
    )
    order = np.lexsort((pk, rated_at, item, person))
    person, item = person[order], item[order]
    latest = np.ones(len(order), bool)
    latest[:-1] = (person[1:] != person[:-1]) | (item[1:] != item[:-1])
    span = np.maximum(high - low, 1)
    share = ((value - low) / span)[order]
    return RatingArrays(person[latest], item[latest], share[latest], rated_at[order][latest])


def _rows(tenant: str, until: int) -> list[tuple[Any, ...]]:
    connection = connections[router.db_for_read(Rating)]
    ratings, visitors = (connection.ops.quote_name(model._meta.db_table) for model in (Rating, Visitor))
    sql = (
        "SELECT COALESCE(v.person_id, v.id), r.item_id, r.rated_at, r.id, r.value, r.scale_low, r.scale_high "
        f"FROM {ratings} r JOIN {visitors} v ON v.id = r.visitor_id "
        f"WHERE r.id > %s AND r.tenant = %s AND r.rated_at < %s ORDER BY r.id LIMIT {BLOCK}"
    )
    rows: list[tuple[Any, ...]] = []
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [last, tenant, until])
            block = cursor.fetchall()
            if not block:
                return rows
            rows += block
            last = block[-1][3]
