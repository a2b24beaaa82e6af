"""How far something that is read again and again has been read, and whose turn it is to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.engine.instants import to_micros
from personalization.models import Cursor
from personalization.store.bulk import insert_rows

if TYPE_CHECKING:
    from django.db.models import QuerySet


def find_cursor(name: str, *, tenant: str) -> int | None:
    """Up to which instant (UTC microseconds) it was read; None when it never was."""
    position = _row(name, tenant).values_list("position", flat=True).first()
    return None if position is None else to_micros(position)


def move_cursor(name: str, position: int, *, tenant: str) -> bool:
    """Say that it was read up to an instant; False when it had been read that far already."""
    if _row(name, tenant).filter(position__lt=position).update(position=position):
        return True
    columns = ("tenant", "name", "position")
    return bool(insert_rows(Cursor, columns, [(tenant, name, position)], ignore_conflicts=True))


def take_turn(name: str, *, tenant: str, now: int, until: int) -> bool:
    """Whether the reader may read until an instant: nobody else has the turn, or did not give it back in time.

    One guarded statement, so that of two callers one gets it.
    """
    if _row(_turn(name), tenant).filter(position__lte=now).update(position=until):
        return True
    columns = ("tenant", "name", "position")
    return bool(insert_rows(Cursor, columns, [(tenant, _turn(name), until)], ignore_conflicts=True))


def keep_turn(name: str, *, tenant: str, held: int, until: int) -> bool:
    """Have the turn that lasts until ``held`` last until another instant; False when somebody else has it now."""
    return bool(_row(_turn(name), tenant).filter(position=held).update(position=until))


def _turn(name: str) -> str:
    return f"{name}-turn"


def _row(name: str, tenant: str) -> QuerySet[Cursor]:
    return Cursor.objects.filter(tenant=tenant, name=name)
