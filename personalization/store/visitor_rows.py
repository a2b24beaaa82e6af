"""What builds worked out for each visitor: written with a build, gone as soon as somebody wants to be forgotten."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import router
from django.db.models import Q
from django.db.models.functions import Coalesce

from personalization.engine.tables import pack_rows
from personalization.models import Visitor, VisitorRow
from personalization.store.bulk import batches, insert_rows
from personalization.store.removal import share_people
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from personalization.engine.tables import Tables

#: Rows written in one transaction: whoever wants to be forgotten waits for no more.
BATCH: Final = 2_000

_COLUMNS: Final = ("build_id", "visitor_id", "table", "payload")
_REFUSED: Final = Visitor.Choice.REFUSED


def write_visitor_rows(build_id: int, tables: Tables, visitor_ids: NDArray[np.int64]) -> tuple[int, int]:
    """Store what a build worked out for its visitors; how many visitors have something, and the bytes of it.

    ``visitor_ids`` int64 (n_visitors,) says who each visitor row is. Whoever was erased or refused since the build
    read the events gets none.
    """
    owners: set[int] = set()
    size = 0
    for batch in batches(_packed(tables, visitor_ids), BATCH):
        stored = in_transaction(partial(_write, build_id, batch), using=router.db_for_write(VisitorRow))
        owners.update(visitor for visitor, _, _ in stored)
        size += sum(len(payload) for _, _, payload in stored)
    if owners:
        # Who refused between our question and our write.
        said = Coalesce("visitor__person__choice", "visitor__choice")
        late = VisitorRow.objects.annotate(said=said).filter(build=build_id, said=_REFUSED)
        forget_visitor_rows(set(late.values_list("visitor_id", flat=True)))
    return len(owners), size


def forget_visitor_rows(visitors: Collection[int]) -> int:
    """Remove what any build worked out for these visitors, and for those that are the same person."""
    removed = 0
    for batch in batches(visitors, BATCH):
        family = Visitor.objects.filter(Q(pk__in=batch) | Q(person__in=batch)).values_list("pk", flat=True)
        for some in batches(family, BATCH):
            removed += VisitorRow.objects.filter(visitor__in=some).delete()[0]
    return removed


def _packed(tables: Tables, visitor_ids: NDArray[np.int64]) -> Iterator[tuple[int, int, bytes]]:
    for table, rows in (
        (VisitorRow.Table.VISITORS.value, tables.visitors),
        (VisitorRow.Table.REPEATS.value, tables.repeats),
    ):
        for row, payload in () if rows is None else pack_rows(rows):
            yield int(visitor_ids[row]), table, payload


def _write(build_id: int, batch: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Those of a batch that were stored."""
    share_people()
    said = Coalesce("person__choice", "choice")
    known = Visitor.objects.annotate(said=said).filter(pk__in={visitor for visitor, _, _ in batch})
    willing = set(known.exclude(said=_REFUSED).values_list("pk", flat=True))
    stored = [entry for entry in batch if entry[0] in willing]
    insert_rows(
        VisitorRow, _COLUMNS, ((build_id, visitor, table, payload) for visitor, table, payload in stored)
    )
    return stored
