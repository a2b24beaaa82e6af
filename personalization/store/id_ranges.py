"""A large table in ranges of ids, read one after the other: no cursor stays open, and memory stays flat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connections, router

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.utils import CursorWrapper
    from django.db.models import Model

#: Ids in a range.
SIZE: Final = 100_000


def id_ranges(cursor: CursorWrapper, model: type[Model]) -> Iterator[tuple[int, int]]:
    """The ranges (first id, id behind the last) that hold rows, upwards.

    Not blocks of so many rows: a LIMIT over a table that the database knows nothing of yet, as right after an import,
    makes it sort all that is left for every block.
    """
    table = connections[router.db_for_read(model)].ops.quote_name(model._meta.db_table)
    first: int | None = 0
    while True:
        cursor.execute(f"SELECT MIN(id) FROM {table} WHERE id >= %s", [first])
        (first,) = cursor.fetchone()
        if first is None:
            return
        yield first, first + SIZE
        first += SIZE
