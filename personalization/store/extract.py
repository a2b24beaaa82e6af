"""Events as arrays, for learning: no model instance, no Decimal, and flat memory beside the arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import blake2b
from importlib import import_module
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from django.db import connections, router

from personalization.models import Event
from personalization.store.currencies import usual_currency
from personalization.store.id_ranges import id_ranges
from personalization.store.owners import read_owners

try:
    psycopg: Any = import_module("psycopg")
except ImportError:  # another database, or psycopg2
    psycopg = None

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class EventArrays:
    """Events that name an item, as parallel arrays in the order in which they were stored.

    person      : int64 (n,)  visitor id that stands for the owner, the visitor's own while nobody is known
    item        : int32 (n,)  item id
    kind        : int16 (n,)  `engine.types.Kind`
    flags       : int16 (n,)  0: a person; else why it is not to be learned from
    quantity    : float64 (n,)
    price       : float32 (n,)  of one piece, in major units of the currency that most items have; NaN where unknown, or
                  in another one
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
    """``name``: in the table; ``read``: SQL for those who send rows."""

    name: str
    dtype: type[np.generic]
    read: str = "{}"


# Adding 0e0 makes a database send a float: a Decimal per row costs more than everything else here.
_COLUMNS: Final = {
    "person": _Column("visitor_id", np.int64),
    "item": _Column("item_id", np.int32),
    "kind": _Column("kind", np.int16),
    "flags": _Column("flags", np.int16),
    "quantity": _Column("quantity", np.float64, "{} + 0e0"),
    "price": _Column("unit_price", np.float32, "{} + 0e0"),
    "order": _Column("order", np.int64),
    "occurred_at": _Column("occurred_at", np.int64),
}
#: The same columns as PostgreSQL packs them, one behind the other. Each call for a row costs as much as the number that it
#: packs, so a line segment carries four at once (floats hold ids and microseconds exactly up to 2**53), and a large number
#: three small ones; an item that is none is refused. The key of an order never leaves PostgreSQL: 64 bits of a hash tell orders apart, and are read without
#: an object for each event; without a language, whose rules need not be looked up for each.
_PACK: Final = """lseg_send(lseg(point({person}, {occurred_at}), point({quantity}::float8, COALESCE({price}::float8, 'NaN'))))
    || int8send(CASE {order} WHEN '' THEN -1 ELSE hashtextextended({order} COLLATE "C", 0) & 9223372036854775807 END)
    || int8send(({item}::int4::int8 << 32) | ({kind}::int8 << 16) | {flags}::int8)"""
_PACKED: Final = np.dtype(
    [
        *((name, ">f8") for name in ("person", "occurred_at", "quantity", "price")),
        ("order", ">i8"),
        ("item", ">i4"),
        ("kind", ">i2"),
        ("flags", ">i2"),
    ]
)


def extract_events(tenant: str, until: int) -> EventArrays:
    """Every event of a tenant that names an item and happened before ``until`` (UTC microseconds)."""
    owners = read_owners(tenant)
    connection = connections[router.db_for_read(Event)]
    read = _read_packed if connection.vendor == "postgresql" else _read_rows
    blocks = [_empty(), *read(connection, tenant, until, usual_currency(tenant))]
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in _COLUMNS}
    return EventArrays(**{**columns, "person": owners.of(columns["person"])})


def _read_packed(
    connection: BaseDatabaseWrapper, tenant: str, until: int, currency: str
) -> Iterator[dict[str, Any]]:
    """One bytea for each block: the server packs, the client only looks at the bytes."""
    names = dict(zip(_COLUMNS, _names(connection), strict=True))
    told = zip(_values(connection, currency), names.values(), strict=True)
    block = _select(connection, [f"{value} AS {name}" for value, name in told])
    # A plain aggregate takes its rows as the subquery gives them; to sort them again took a quarter of the time.
    sql = f"SELECT STRING_AGG({_PACK.format(**names)}, ''::bytea) FROM ({block}) block"
    with connection.cursor() as cursor:
        for first, behind in id_ranges(cursor, Event):
            packed = _fetch_bytes(cursor, sql, [*filter(None, [currency]), first, behind, tenant, until])
            events = np.frombuffer(packed, _PACKED)
            yield {name: events[name].astype(column.dtype) for name, column in _COLUMNS.items()}


def _fetch_bytes(cursor: CursorWrapper, sql: str, parameters: list[Any]) -> bytes:
    """The one value that a statement gives. psycopg 3 takes bytes as they are from a server that fills in the parameters
    itself. Django has the client do that, as psycopg2 does: then bytes come as digits, which takes a fifth of the time."""
    if psycopg is not None and isinstance(cursor.connection, psycopg.Connection):
        with cursor.db.wrap_database_errors, psycopg.Cursor(cursor.connection) as binary:
            binary.execute(sql, parameters, binary=True)
            (found,) = binary.fetchone() or (None,)
    else:
        cursor.execute(sql, parameters)
        (found,) = cursor.fetchone()
    return bytes(found or b"")


def _read_rows(
    connection: BaseDatabaseWrapper, tenant: str, until: int, currency: str
) -> Iterator[dict[str, Any]]:
    values = zip(_values(connection, currency), _COLUMNS.values(), strict=True)
    sql = _select(connection, [column.read.format(value) for value, column in values])
    with connection.cursor() as cursor:
        for first, behind in id_ranges(cursor, Event):
            cursor.execute(sql, [*filter(None, [currency]), first, behind, tenant, until])
            rows = cursor.fetchall()
            columns = zip(*rows, strict=True) if rows else repeat((), len(_COLUMNS))
            block: dict[str, Any] = dict(zip(_COLUMNS, columns, strict=True))
            block["order"] = _numbers(block["order"])
            yield {name: np.array(block[name], column.dtype) for name, column in _COLUMNS.items()}


def _numbers(keys: Sequence[str]) -> list[int]:
    """63 bits of a hash for each key of an order, -1 for ''."""
    numbers = {key: int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1 for key in set(keys)}
    numbers[""] = -1
    return [numbers[key] for key in keys]


def _names(connection: BaseDatabaseWrapper) -> list[str]:
    return [connection.ops.quote_name(column.name) for column in _COLUMNS.values()]


def _values(connection: BaseDatabaseWrapper, currency: str) -> list[str]:
    """SQL of each column; with a currency that of the price takes it as its parameter."""
    names = dict(zip(_COLUMNS, _names(connection), strict=True))
    if currency:
        told = connection.ops.quote_name("currency")
        names["price"] = f"(CASE WHEN {told} = '' OR {told} = %s THEN {names['price']} END)"
    return list(names.values())


def _select(connection: BaseDatabaseWrapper, values: list[str]) -> str:
    return (
        f"SELECT {', '.join(values)} FROM {connection.ops.quote_name(Event._meta.db_table)} "
        "WHERE id >= %s AND id < %s AND tenant = %s AND occurred_at < %s AND item_id IS NOT NULL ORDER BY id"
    )


def _empty() -> dict[str, Any]:
    return {name: np.empty(0, column.dtype) for name, column in _COLUMNS.items()}
