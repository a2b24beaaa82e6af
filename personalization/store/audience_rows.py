"""What rules may know of everybody, as arrays: read in blocks along the primary keys, so that no cursor stays open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.conf import settings
from personalization.models import Event, Item, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.store.fact_sql import (
    DID,
    IS_LINE,
    IS_VIEWED,
    LINE,
    NOT_ASKED,
    VIEWED_AT,
    in_dialect,
    item_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

#: Rows fetched at once: more of them keep the garbage collector busy with tuples.
BLOCK: Final = 20_000
#: What a line is made of, as `read_lines` tells it.
_LINE: Final = ("id", "visitor", "at", "item", "pieces", "price", "currency", "order")

Choice = Visitor.Choice


@dataclass(frozen=True, slots=True, eq=False)
class Visitors:
    """Visitors whose person may be known and can be met again.

    people : int64 (n,)  the visitors that stand for persons, ascending
    ids    : int64 (m,)  all visitors of theirs, ascending
    rows   : int64 (m,)  the row in ``people`` of each
    made, first, last : int64 (m,)  when the visitor was made, and what it did first and last (0: nothing, or not read)
    """

    people: NDArray[np.int64]
    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    made: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def place(self, visitors: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows in ``people`` of some visitors' persons, -1 for those who are not among them."""
        if not len(self.ids):
            return np.full(len(visitors), -1)
        at = np.minimum(np.searchsorted(self.ids, visitors), len(self.ids) - 1)
        return np.where(self.ids[at] == visitors, self.rows[at], -1)


def read_visitors(*, tenant: str, now: int, seen: bool) -> Visitors:
    """Everybody but those who refused or, where consent is required, have not agreed.

    Visitors without any identity are nobody who could be met again: the orders of people who refused.
    """
    did = DID if seen else NOT_ASKED
    allowed = f"= {Choice.AGREED.value}" if settings.CONSENT_REQUIRED else f"<> {Choice.REFUSED.value}"
    sql = (
        f"SELECT v.id, p.id, v.created_at, {', '.join(did)}, CASE WHEN EXISTS"
        f" (SELECT 1 FROM {IdentityRow._meta.db_table} d WHERE d.visitor_id = v.id) THEN 1 ELSE 0 END"
        f" FROM {Visitor._meta.db_table} v JOIN {Visitor._meta.db_table} p ON p.id = COALESCE(v.person_id, v.id)"
        f" WHERE v.tenant = %s AND p.choice {allowed} AND v.id > %s ORDER BY v.id LIMIT {BLOCK}"
    )
    parameters = [*[now] * (2 if seen else 0), tenant]
    ids, persons, made, first, last, named = _integers(sql, parameters, 6)
    met = np.isin(persons, persons[named > 0])
    people, rows = np.unique(persons[met], return_inverse=True)
    return Visitors(people, ids[met], rows.reshape(-1), made[met], first[met], last[met])


def read_views(*, tenant: str, now: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The view history as visitor, item and instant, each int64 (n,)."""
    sql = (
        f"SELECT h.id, h.visitor_id, h.item_id, {VIEWED_AT} FROM {ViewedItem._meta.db_table} h"
        f" WHERE {IS_VIEWED} AND h.tenant = %s AND h.id > %s ORDER BY h.id LIMIT {BLOCK}"
    )
    _, visitors, items, at = _integers(sql, [now, now, tenant], 4)
    return visitors, items, at


def read_lines(*, tenant: str, now: int) -> dict[str, list[Any]]:
    """Lines of orders as columns, in the order in which they were stored."""
    sql = (
        f"SELECT e.id, e.visitor_id, e.occurred_at, e.item_id, {', '.join(LINE)} FROM {Event._meta.db_table} e"
        f" WHERE {IS_LINE} AND e.tenant = %s AND e.id > %s ORDER BY e.id LIMIT {BLOCK}"
    )
    columns: dict[str, list[Any]] = {name: [] for name in _LINE}
    for rows in _blocks(sql, [now, tenant]):
        for column, values in zip(columns.values(), zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns


def read_items(column: str, *, tenant: str) -> Iterator[tuple[int, str]]:
    """Items and what stands in one of their columns, as text."""
    sql = (
        f"SELECT i.id, {item_column(column)} FROM {Item._meta.db_table} i"
        f" WHERE i.tenant = %s AND i.id > %s ORDER BY i.id LIMIT {BLOCK}"
    )
    for rows in _blocks(sql, [tenant]):
        yield from rows


def _integers(sql: str, parameters: Sequence[Any], width: int) -> NDArray[np.int64]:
    """Rows of whole numbers as an array with a row for each of their columns: int64 (width, n)."""
    blocks = [
        np.fromiter(chain.from_iterable(rows), np.int64, width * len(rows))
        for rows in _blocks(sql, parameters)
    ]
    return np.concatenate([np.empty(0, np.int64), *blocks]).reshape(-1, width).T


def _blocks(sql: str, parameters: Sequence[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a statement whose last parameter is the id, in the first column, behind which they begin."""
    connection = connections[router.db_for_read(Event)]
    sql, last = in_dialect(sql, connection.vendor), 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [*parameters, last])
            rows = cursor.fetchall()
            if rows:
                last = rows[-1][0]
                yield rows
            if len(rows) < BLOCK:
                return
