"""Events as arrays, for learning: no model instance, no Decimal, and flat memory beside the arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import connections, router

from personalization.models import Event, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from numpy.typing import NDArray

#: Rows fetched at once; each block starts behind the last id of the one before, so no cursor stays open.
BLOCK: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class EventArrays:
    """Events that name an item, as parallel arrays in the order in which they were stored.

    person      : int64 (n,)  visitor id that stands for the owner, the visitor's own while nobody is known
    item        : int32 (n,)  item id
    kind        : int16 (n,)  `engine.types.Kind`
    flags       : int16 (n,)  0: a person; else why it is not to be learned from
    quantity    : float64 (n,)
    occurred_at : int64 (n,)  UTC microseconds
    """

    person: NDArray[np.int64]
    item: NDArray[np.int32]
    kind: NDArray[np.int16]
    flags: NDArray[np.int16]
    quantity: NDArray[np.float64]
    occurred_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.person)


#: Column → (SQL of the value, how PostgreSQL sends it, numpy's name for what was sent, dtype of the array).
_COLUMNS: Final = {
    "person": ("COALESCE(v.person_id, v.id)", "int8send({})", ">i8", np.int64),
    "item": ("e.item_id", "int4send({}::int4)", ">i4", np.int32),
    "kind": ("e.kind", "int2send({})", ">i2", np.int16),
    "flags": ("e.flags", "int2send({})", ">i2", np.int16),
    "quantity": ("e.quantity", "float8send({}::float8)", ">f8", np.float64),
    "occurred_at": ("e.occurred_at", "int8send({})", ">i8", np.int64),
}
_SENT: Final = np.dtype([(name, sent) for name, (_, _, sent, _) in _COLUMNS.items()])


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
    values = [f"{value} AS {name}" for name, (value, _, _, _) in _COLUMNS.items()]
    packed = " || ".join(send.format(name) for name, (_, send, _, _) in _COLUMNS.items())
    sql = f"SELECT MAX(id), STRING_AGG({packed}, ''::bytea ORDER BY id) FROM ({_select(connection, values)}) block"
    last: int | None = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [last, tenant, until])
            last, payload = cursor.fetchone()
            if last is None:
                return
            sent = np.frombuffer(bytes(payload), _SENT)
            yield {name: sent[name].astype(dtype) for name, (_, _, _, dtype) in _COLUMNS.items()}


def _read_rows(connection: BaseDatabaseWrapper, tenant: str, until: int) -> Iterator[dict[str, Any]]:
    # Adding 0e0 makes the database send a float: a Decimal per row costs more than everything else here.
    values = [f"{value} + 0e0" if name == "quantity" else value for name, (value, *_) in _COLUMNS.items()]
    sql = _select(connection, values)
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [last, tenant, until])
            rows = cursor.fetchall()
            if not rows:
                return
            ids, *columns = zip(*rows, strict=True)
            last = ids[-1]
            yield {
                name: np.array(column, dtype)
                for (name, (_, _, _, dtype)), column in zip(_COLUMNS.items(), columns, strict=True)
            }


def _select(connection: BaseDatabaseWrapper, values: list[str]) -> str:
    events = connection.ops.quote_name(Event._meta.db_table)
    visitors = connection.ops.quote_name(Visitor._meta.db_table)
    return (
        f"SELECT e.id AS id, {', '.join(values)} FROM {events} e JOIN {visitors} v ON v.id = e.visitor_id "
        "WHERE e.id > %s AND e.tenant = %s AND e.occurred_at < %s AND e.item_id IS NOT NULL "
        f"ORDER BY e.id LIMIT {BLOCK}"
    )


def _empty() -> dict[str, Any]:
    return {name: np.empty(0, dtype) for name, (_, _, _, dtype) in _COLUMNS.items()}
