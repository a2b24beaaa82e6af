"""Whoever writes about people and whoever removes people take turns.

Writers hold a lock together until their transaction ends; whoever removes people has it alone. A writer therefore
never stores something about somebody who is erased between its question and its write. On SQLite there is one writer at
a time anyway.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import DatabaseError, connections, router

from personalization.engine import ids
from personalization.models import Stamp, Visitor
from personalization.store.bulk import insert_rows
from personalization.store.stamps import bump_stamp, read_stamp
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.utils import CursorWrapper

    T = TypeVar("T")

#: The stamp that grows whenever somebody was removed, or chose: time to forget what was remembered of people.
PEOPLE: Final = "people"

_LOCK: Final = "people-lock"  #: the row that stands for the lock on MySQL
_LOCK_NUMBER: Final = int.from_bytes(ids.digest("personalization", _LOCK)[:8], signed=True)

#: How long others may have to wait behind whoever waits to remove: vendor → (read the limit, write it, ours)
_WAITS: Final[dict[str, tuple[str, str, str | int]]] = {
    "postgresql": (
        "SELECT current_setting('lock_timeout')",
        "SELECT set_config('lock_timeout', %s, true)",
        "1s",
    ),
    "mysql": ("SELECT @@innodb_lock_wait_timeout", "SET SESSION innodb_lock_wait_timeout = %s", 1),
}


def share_people() -> None:
    """Until this transaction ends, nobody is removed. Outside a transaction it does nothing."""
    connection = connections[_database()]
    if not connection.in_atomic_block or connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK_NUMBER])
        elif not _lock_row(cursor, "LOCK IN SHARE MODE"):
            _make_row()
            _lock_row(cursor, "LOCK IN SHARE MODE")


def alone_with_people(work: Callable[[], T]) -> T:
    """What ``work`` returns, done in a transaction while nobody writes about people; it must bear being done again."""

    def locked() -> T:
        _lock_alone()
        bump_stamp(PEOPLE, tenant="")
        return work()

    return in_transaction(locked, using=_database())


def people_version() -> int:
    """Grows whenever somebody was removed, or chose."""
    return read_stamp(PEOPLE, tenant="")


def _lock_alone() -> None:
    connection = connections[_database()]
    if connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor, _short_wait(cursor, connection.vendor):
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
        elif not _lock_row(cursor, "FOR UPDATE"):
            _make_row()
            _lock_row(cursor, "FOR UPDATE")


@contextmanager
def _short_wait(cursor: CursorWrapper, vendor: str) -> Iterator[None]:
    """Rather give up and try again than make every writer queue behind us."""
    read, write, most = _WAITS[vendor]
    cursor.execute(read)
    (usual,) = cursor.fetchone()
    cursor.execute(write, [most])
    try:
        yield
    except DatabaseError:
        if vendor == "mysql":  # PostgreSQL takes it back with the transaction
            cursor.cursor.execute(write, [usual])  # past Django, which rightly calls this transaction broken
        raise
    cursor.execute(write, [usual])


def _lock_row(cursor: CursorWrapper, how: str) -> bool:
    cursor.execute(f"SELECT id FROM {Stamp._meta.db_table} WHERE tenant = '' AND name = %s {how}", [_LOCK])
    return cursor.fetchone() is not None


def _make_row() -> None:
    insert_rows(Stamp, ("tenant", "name", "version"), [("", _LOCK, 1)], ignore_conflicts=True)


def _database() -> str:
    return router.db_for_write(Visitor)
