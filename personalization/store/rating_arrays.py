"""Ratings as arrays, for learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connections, router

from personalization.models import Rating
from personalization.store.id_ranges import id_ranges
from personalization.store.owners import read_owners

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    owners, rows = read_owners(tenant), _rows(tenant, until)
    visitor, item, rated_at, pk, value, low, high = (
        np.array(column, dtype)
        for column, dtype in zip(
            zip(*rows, strict=True) if rows else [()] * 7,
            (np.int64, np.int32, np.int64, np.int64, np.float64, np.float64, np.float64),
            strict=True,
        )
    )
    person = owners.of(visitor)
    order = np.lexsort((pk, rated_at, item, person))
    person, item = person[order], item[order]
    latest = np.ones(len(order), bool)
    latest[:-1] = (person[1:] != person[:-1]) | (item[1:] != item[:-1])
    span = np.maximum(high - low, 1)
    share = ((value - low) / span)[order]
    return RatingArrays(person[latest], item[latest], share[latest], rated_at[order][latest])


def _rows(tenant: str, until: int) -> list[tuple[Any, ...]]:
    connection = connections[router.db_for_read(Rating)]
    sql = (
        "SELECT visitor_id, item_id, rated_at, id, value, scale_low, scale_high "
        f"FROM {connection.ops.quote_name(Rating._meta.db_table)} "
        "WHERE id >= %s AND id < %s AND tenant = %s AND rated_at < %s ORDER BY id"
    )
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for first, behind in id_ranges(cursor, Rating):
            cursor.execute(sql, [first, behind, tenant, until])
            rows += cursor.fetchall()
    return rows
