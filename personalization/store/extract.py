"""Events as arrays, for learning: no model instance, no Decimal, and flat memory beside the arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import blake2b
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from django.db import connections, router

from personalization.models import Event, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper
    from numpy.typing import NDArray

#: Ids read at once; each block starts behind the one before, so no cursor stays open.
BLOCK: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class EventArrays:
    """Events that name an item, as parallel arrays in the order in which they were stored.

    person      : int64 (n,)  visitor id that stands for the owner, the visitor's own while nobody is known
    item        : int32 (n,)  item id
    kind        : int16 (n,)  `engine.types.Kind`
    flags       : int16 (n,)  0: a person; else why it is not to be learned from
    quantity    : float64 (n,)
    price       : float32 (n,)  of one piece, in major units; NaN where unknown
    order       : int64 (n,)  a number ≥ 0 that stands for the order's key, -1 without one
    occurred_at : int64 (n,)  UTC microseconds
    """

    person: NDArray[np.int64]
    item: NDArray[np.int32]
    kind: NDArray[np.int16]
    flags: NDArray[np.int16]
    quantity: NDArray[np.float64]
    price: NDArray[np.float32]
    order: NDArray[np.int64]
    occurred_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.person)

    def take(self, chosen: NDArray[Any]) -> EventArrays:
        """Some of the events: bool (n,), or int of which."""
        return EventArrays(**{part.name: getattr(self, part.name)[chosen] for part in fields(self)})


class _Column(NamedTuple):
    """``value``: SQL of the value; ``send``: how PostgreSQL packs it, ``sent``: numpy's name for that; ``read``: SQL for
    those who send rows, where it differs."""

    value: str
    send: str
    sent: str
    dtype: type[np.generic]
    read: str = "{}"


# Adding 0e0 makes a database send a float: a Decimal per row costs more than everything else here. The key of an order
# never leaves PostgreSQL: 64 bits of a hash tell orders apart, and are read without an object for each event.
_COLUMNS: Final = {
    "person": _Column("COALESCE(v.person_id, v.id)", "int8send({0})", ">i8", np.int64),
    "item": _Column("e.item_id", "int4send({0}::int4)", ">i4", np.int32),
    "kind": _Column("e.kind", "int2send({0})", ">i2", np.int16),
    "flags": _Column("e.flags", "int2send({0})", ">i2", np.int16),
    "quantity": _Column("e.quantity", "float8send({0}::float8)", ">f8", np.float64, "{} + 0e0"),
    "price": _Column(
        "e.unit_price", "float4send(COALESCE({0}::float4, 'NaN'))", ">f4", np.float32, "{} + 0e0"
    ),
    "order": _Column(
        "e.{order}",
        "int8send(CASE {0} WHEN '' THEN -1 ELSE hashtextextended({0}, 0) & 9223372036854775807 END)",
        ">i8",
        np.int64,
    ),
    "occurred_at": _Column("e.occurred_at", "int8send({0})", ">i8", np.int64),
}
_SENT: Final = np.dtype([(name, column.sent) for name, column in _COLUMNS.items()])


def extract_events(tenant: str, until: int) -> EventArrays:
    """Every event of a tenant that names an item and happened before ``until`` (UTC microseconds)."""
    connection = connections[router.db_for_read(Event)]
    read = _read_packed if connection.vendor == "postgresql" else _read_rows
    blocks = [_empty(), *read(connection, tenant, until)]
    return EventArrays(
        **{part.name: np.concatenate([block[part.name] for block in blocks]) for part in fields(EventArrays)}
    )


def _read_packed(connection: BaseDatabaseWrapper, tenant: str, until: int) -> Iterator[dict[str, Any]]:
    """One bytea per block: the server packs, the client only looks at the bytes."""
    quote = connection.ops.quote_name
    values = [f"{column.value} AS {quote(name)}" for name, column in _COLUMNS.items()]
    packed = " || ".join(column.send.format(quote(name)) for name, column in _COLUMNS.items())
    # A plain aggregate takes its rows as the subquery gives them; to sort them again took a quarter of the time.
    sql = f"SELECT STRING_AGG({packed}, ''::bytea) FROM ({_select(connection, values)}) block"
    with connection.cursor() as cursor:
        for first in _blocks(cursor):
            cursor.execute(sql, [first, first + BLOCK, tenant, until])
            (payload,) = cursor.fetchone()
            sent = np.frombuffer(bytes(payload or b""), _SENT)
            yield {name: sent[name].astype(column.dtype) for name, column in _COLUMNS.items()}


def _read_rows(connection: BaseDatabaseWrapper, tenant: str, until: int) -> Iterator[dict[str, Any]]:
    sql = _select(connection, [column.read.format(column.value) for column in _COLUMNS.values()])
    with connection.cursor() as cursor:
        for first in _blocks(cursor):
            cursor.execute(sql, [first, first + BLOCK, tenant, until])
            rows = cursor.fetchall()
            columns = zip(*rows, strict=True) if rows else repeat((), len(_COLUMNS))
            block: dict[str, Any] = dict(zip(_COLUMNS, columns, strict=True))
            block["order"] = _numbers(block["order"])
            yield {name: np.array(block[name], column.dtype) for name, column in _COLUMNS.items()}


def _blocks(cursor: CursorWrapper) -> Iterator[int]:
    """The first id of each block. Blocks are ranges of ids: a LIMIT over a table that the database knows nothing of yet, as
    right after an import, makes it sort all that is left for every block."""
    events = connections[router.db_for_read(Event)].ops.quote_name(Event._meta.db_table)
    first: int | None = 0
    while True:
        cursor.execute(f"SELECT MIN(id) FROM {events} WHERE id >= %s", [first])
        (first,) = cursor.fetchone()
        if first is None:
            return
        yield first
        first += BLOCK


def _numbers(keys: Sequence[str]) -> list[int]:
    """63 bits of a hash for each key of an order, -1 for ''."""
    numbers = {key: int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1 for key in set(keys)}
    numbers[""] = -1
    return [numbers[key] for key in keys]


def _select(connection: BaseDatabaseWrapper, values: list[str]) -> str:
    quote = connection.ops.quote_name
    events, visitors = quote(Event._meta.db_table), quote(Visitor._meta.db_table)
    columns = ", ".join(values).format(order=quote("order"))
    return (
        f"SELECT {columns} FROM {events} e JOIN {visitors} v ON v.id = e.visitor_id "
        "WHERE e.id >= %s AND e.id < %s AND e.tenant = %s AND e.occurred_at < %s AND e.item_id IS NOT NULL "
        "ORDER BY e.id"
    )


def _empty() -> dict[str, Any]:
    return {name: np.empty(0, column.dtype) for name, column in _COLUMNS.items()}
