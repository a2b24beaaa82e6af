"""Many rows into one table, as fast as each database takes them: COPY on PostgreSQL, executemany elsewhere."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django.db import IntegrityError, connections, router, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Field, Model

    #: A value as the database driver takes it. Decimals travel as text.
    Scalar = int | float | str | bytes | None

T = TypeVar("T")

BATCH: Final = 10_000
#: Up to so many rows go by INSERT everywhere: COPY has its own price, and where rows are there already a temporary table.
FEW: Final = 20
_STAGING: Final = "personalization_staging"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Scalar]],
    *,
    ignore_conflicts: bool = False,
) -> int:
    """Insert rows of database-ready values; ``columns`` are field attnames. Returns how many were stored.

    With ``ignore_conflicts``, rows that break a uniqueness constraint are left out. MariaDB and MySQL then
    also cut over-long texts instead of refusing them, so validate before. Each batch is stored whole or not.
    """
    return sum(
        insert_columns(
            model,
            dict(zip(columns, zip(*batch, strict=True), strict=True)),
            ignore_conflicts=ignore_conflicts,
        )
        for batch in batches(rows, BATCH)
    )


def insert_columns(
    model: type[Model],
    columns: Mapping[str, Sequence[Scalar]],
    *,
    constants: Mapping[str, Scalar] | None = None,
    ignore_conflicts: bool = False,
) -> int:
    """The same for values that are columns already; ``constants`` are equal in every row."""
    connection = connections[router.db_for_write(model)]
    table = _Table(connection, model, columns, constants or {})
    insert = _copy if connection.vendor == "postgresql" and len(table) > FEW else _insert_many
    with transaction.atomic(using=connection.alias, savepoint=False):
        return insert(table, ignore_conflicts=ignore_conflicts)


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` rows."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


class _Table:
    """One insert: where to, which quoted columns, which values."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        model: type[Model],
        columns: Mapping[str, Sequence[Scalar]],
        constants: Mapping[str, Scalar],
    ) -> None:
        self.connection = connection
        self.name, self.columns = _names(connection.alias, model, *columns, *constants)
        self.width = len(columns) + len(constants)
        self.values = list(columns.values())
        self.constants = list(constants.values())

    def __len__(self) -> int:
        return len(self.values[0])

    def lines(self) -> Iterator[str]:
        """The rows in PostgreSQL's COPY text format."""
        tail = "".join(f"\t{_text(value)}" for value in self.constants) + "\n"
        return map(
            "\t".join, zip(*map(_encoded, self.values[:-1]), _encoded(self.values[-1], tail), strict=True)
        )

    def rows(self) -> Iterator[tuple[Scalar, ...]]:
        """The rows as parameters."""
        return zip(*self.values, *map(repeat, self.constants))  # noqa: B905 - repeat() has no end


@lru_cache(maxsize=256)
def _names(alias: str, model: type[Model], *attributes: str) -> tuple[str, str]:
    """The quoted names of a model's table and of some of its columns, separated by commas."""
    quote = connections[alias].ops.quote_name
    fields = [cast("Field[Any, Any]", model._meta.get_field(name)) for name in attributes]
    return quote(model._meta.db_table), ", ".join([quote(str(field.column)) for field in fields])


def _insert_many(table: _Table, *, ignore_conflicts: bool) -> int:
    places = ", ".join(["%s"] * table.width)
    mysql = table.connection.vendor == "mysql"
    ignore, nothing = " IGNORE" * (ignore_conflicts and mysql), " ON CONFLICT DO NOTHING" * ignore_conflicts
    sql = f"INSERT{ignore} INTO {table.name} ({table.columns}) VALUES ({places}){'' if mysql else nothing}"
    with table.connection.cursor() as cursor:
        cursor.executemany(sql, cast("Any", table.rows()))
        return int(cursor.rowcount)


def _copy(table: _Table, *, ignore_conflicts: bool) -> int:
    """Straight into the table where nothing stands in the way, else by a temporary table."""
    text = "".join(table.lines())
    with table.connection.cursor() as cursor:
        if not ignore_conflicts:
            return _copy_text(cursor, table, table.name, text)
        try:
            with transaction.atomic(using=table.connection.alias):
                return _copy_text(cursor, table, table.name, text)
        except IntegrityError:
            return _copy_missing(cursor, table, text)


def _copy_missing(cursor: Any, table: _Table, text: str) -> int:
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_STAGING} ON COMMIT DROP AS "
        f"SELECT {table.columns} FROM {table.name} WITH NO DATA"
    )
    _copy_text(cursor, table, _STAGING, text)
    cursor.execute(
        f"INSERT INTO {table.name} ({table.columns}) SELECT {table.columns} FROM {_STAGING} "
        "ON CONFLICT DO NOTHING"
    )
    stored = int(cursor.rowcount)
    cursor.execute(f"DROP TABLE {_STAGING}")
    return stored


def _copy_text(cursor: Any, table: _Table, name: str, text: str) -> int:
    # The driver's own errors: Django translates those of execute(), not those of copy().
    with table.connection.wrap_database_errors:
        with cursor.copy(f"COPY {name} ({table.columns}) FROM STDIN") as copy:
            copy.write(text)
        return int(cursor.rowcount)


def _encoded(column: Sequence[Scalar], tail: str = "") -> Iterator[str]:
    if column and isinstance(column[0], bytes):
        return (_text(value) + tail for value in column)
    texts = {value: _text(value) + tail for value in set(column)}
    return map(texts.__getitem__, column)


def _text(value: Scalar) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value).translate(_ESCAPES)
