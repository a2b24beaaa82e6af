"""Rows by digests: the question that requests ask most, without the ORM, whose share of it would be nine tenths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connections, router

from personalization.store.bulk import batches

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import Model

#: How many digests one statement asks for; SQLite takes 999 parameters.
LOOKUP: Final = 500


def look_up(
    model: type[Model], sql: str, parameters: Sequence[Any], digests: Collection[bytes]
) -> list[tuple[Any, ...]]:
    """The rows of a SELECT that ends in ``digest IN``, read where its model is written: a transaction sees itself."""
    connection = connections[router.db_for_write(model)]
    rows: list[tuple[Any, ...]] = []
    for batch in batches(digests, LOOKUP):
        # Lists of few lengths are few statements, which databases keep prepared: the last digest fills up.
        places = 1 << (len(batch) - 1).bit_length()
        wanted = batch + batch[-1:] * (places - len(batch))
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ({', '.join(['%s'] * places)})", [*parameters, *wanted])
            rows += cursor.fetchall()
    return rows
