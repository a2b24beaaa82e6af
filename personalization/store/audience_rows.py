"""What rules may know of everybody, as arrays: read in blocks along the primary keys, so that no cursor stays open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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

    Items = NDArray[np.int64] | None

#: Rows fetched at once: fewer of them, and a database without statistics reads the whole table more often.
BLOCK: Final = 100_000
#: More items are not named in a statement: then the rows of all are read.
NAMED: Final = 1_000
#: What a line is made of: whole numbers and texts, as `read_lines` tells them.
_NUMBERS: Final = ("id", "visitor", "at", "item", "pieces", "price")
_TEXTS: Final = ("currency", "order")

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


def read_visitors(*, tenant: str, now: int, first: bool, last: bool) -> Visitors:
    """Everybody but those who refused or, where consent is required, have not agreed.

    Visitors without any identity are nobody who could be met again: the orders of people who refused.
    """
    asked = first, last
    did = [done if wanted else no for wanted, done, no in zip(asked, DID, NOT_ASKED, strict=True)]
    allowed = f"= {Choice.AGREED.value}" if settings.CONSENT_REQUIRED else f"<> {Choice.REFUSED.value}"
    named = f"CASE WHEN EXISTS (SELECT 1 FROM {IdentityRow._meta.db_table} d WHERE d.visitor_id = v.id) THEN 1 ELSE 0 END"
    table = Visitor._meta.db_table
    statement = _Statement(
        id="v.id",
        numbers=("p.id", "v.created_at", *did, named),
        rows=f"{table} v JOIN {table} p ON p.id = COALESCE(v.person_id, v.id) WHERE v.tenant = %s AND p.choice {allowed}",
    )
    found, _ = _read(statement, [*[now] * sum(asked), tenant])
    ids, persons, made, firsts, lasts, met_again = found
    met = np.isin(persons, persons[met_again > 0])
    people, rows = np.unique(persons[met], return_inverse=True)
    return Visitors(people, ids[met], rows.reshape(-1), made[met], firsts[met], lasts[met])


def read_views(items: Items, *, tenant: str, now: int) -> NDArray[np.int64]:
    """The view history: visitors, items and instants, int64 (3, n). ``items``: as `read_lines` takes them."""
    statement = _Statement(
        id="h.id",
        numbers=("h.visitor_id", "h.item_id", VIEWED_AT),
        rows=f"{ViewedItem._meta.db_table} h WHERE {IS_VIEWED} AND h.tenant = %s{_of_items('h', items)}",
    )
    return _read(statement, [now, now, tenant])[0][1:]


def read_lines(items: Items, *, tenant: str, now: int) -> dict[str, Any]:
    """Lines of orders in the order in which they were stored: int64 (n,), and lists of texts.

    ``items``: ids; the rows of others may be left out. None: all are read.
    """
    statement = _Statement(
        id="e.id",
        numbers=("e.visitor_id", "e.occurred_at", "e.item_id", *LINE[:2]),
        texts=LINE[2:],
        rows=f"{Event._meta.db_table} e WHERE {IS_LINE} AND e.tenant = %s{_of_items('e', items)}",
    )
    numbers, texts = _read(statement, [now, tenant])
    return {**dict(zip(_NUMBERS, numbers, strict=True)), **dict(zip(_TEXTS, texts, strict=True))}


def read_items(column: str, *, tenant: str) -> Iterator[tuple[int, str]]:
    """Items and what stands in one of their columns, as text."""
    statement = _Statement(
        id="i.id", texts=(item_column(column),), rows=f"{Item._meta.db_table} i WHERE i.tenant = %s"
    )
    (ids,), (texts,) = _read(statement, [tenant])
    yield from zip(ids.tolist(), texts, strict=True)


def _of_items(alias: str, items: Items) -> str:
    if items is None or len(items) > NAMED:
        return ""
    return f" AND {alias}.item_id + 0 IN ({', '.join(map(str, items.tolist())) or 'NULL'})"


class _Statement(NamedTuple):
    """``numbers`` and ``texts``: what is read of each row beside its id, none of it NULL; ``rows``: tables and
    conditions."""

    id: str
    rows: str
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def sql(self, *, packed: bool) -> str:
        """``packed``: all numbers of a row as one text."""
        numbers = self.id, *self.numbers
        columns = [f"CONCAT_WS(',', {', '.join(numbers)})"] if packed else numbers
        return f"SELECT {', '.join([*columns, *self.texts])} FROM {self.rows} AND {self.id} > %s ORDER BY {self.id} LIMIT {BLOCK}"


def _read(statement: _Statement, parameters: Sequence[Any]) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The numbers of all rows, the id first, int64 (1 + numbers, n), and each of their texts, in the order of ids.

    A server's driver makes an object of every number; of one text a row, read by NumPy, it takes a third of that time.
    SQLite hands numbers over as they are.
    """
    connection = connections[router.db_for_read(Event)]
    width, packed = 1 + len(statement.numbers), connection.vendor != "sqlite"
    sql, last = in_dialect(statement.sql(packed=packed), connection.vendor), 0
    blocks, texts = [np.empty((0, width), np.int64)], [list[str]() for _ in statement.texts]
    with connection.cursor() as cursor:
        while len(blocks) == 1 or len(blocks[-1]) == BLOCK:
            cursor.execute(sql, [*parameters, last])
            rows = cursor.fetchall()
            if not rows:
                break
            blocks.append(_numbers(rows, width, packed=packed))
            for place, column in enumerate(texts, start=1 if packed else width):
                column.extend([row[place] for row in rows])
            last = int(blocks[-1][-1, 0])
    return np.concatenate(blocks).T, texts


def _numbers(rows: Sequence[tuple[Any, ...]], width: int, *, packed: bool) -> NDArray[np.int64]:
    """The numbers at the beginning of each row: int64 (n, width)."""
    if packed:
        return np.fromstring(",".join([row[0] for row in rows]), np.int64, sep=",").reshape(-1, width)
    numbers = rows if len(rows[0]) == width else [row[:width] for row in rows]
    return np.fromiter(chain.from_iterable(numbers), np.int64, width * len(rows)).reshape(-1, width)
