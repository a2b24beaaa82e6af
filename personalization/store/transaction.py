"""A short transaction of our own, done again when the database picked it as the victim of a deadlock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import OperationalError, connections, transaction

from personalization.models import Stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

    T = TypeVar("T")
    View = TypeVar("View", bound=Callable[..., Any])

ATTEMPTS: Final = 5
PAUSE: Final = 0.02  #: seconds; times the number of the attempt

#: MySQL: deadlock, lock wait timeout. PostgreSQL: deadlock, serialization failure, lock timeout.
_MYSQL: Final = frozenset({1213, 1205})
_POSTGRESQL: Final = frozenset({"40P01", "40001", "55P03"})


def in_transaction(work: Callable[[], T], *, using: str) -> T:
    """What ``work`` returns, done in one transaction; it must bear being done again.

    Inside a transaction of the caller nothing is repeated: a deadlock there has undone the caller's work too, so
    the error is the caller's to know.
    """
    attempts = 1 if connections[using].in_atomic_block else ATTEMPTS
    for attempt in range(1, attempts):
        try:
            return _once(work, using)
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            time.sleep(PAUSE * attempt)
    return _once(work, using)


def in_own_transactions(view: View) -> View:
    """The same view, outside of ATOMIC_REQUESTS on every database: its work is many short transactions."""
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


def is_deadlock(error: OperationalError) -> bool:
    """Whether doing the same again may succeed."""
    number = error.args[0] if error.args else None
    return number in _MYSQL or getattr(error.__cause__, "sqlstate", None) in _POSTGRESQL


def _once(work: Callable[[], T], using: str) -> T:
    connection = connections[using]
    outermost = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if outermost and _begins_as_reader(connection):
            _become_writer(connection)
        return work()


def _begins_as_reader(connection: BaseDatabaseWrapper) -> bool:
    """SQLite, unless the host says otherwise: whoever has read and then wants to write does not wait but fails."""
    options = connection.settings_dict.get("OPTIONS", {})
    return connection.vendor == "sqlite" and options.get("transaction_mode") in {None, "DEFERRED"}


def _become_writer(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Stamp._meta.db_table} SET version = version WHERE 0")
