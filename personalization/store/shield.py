"""What stands between our failures and the host's page or order."""

from __future__ import annotations

from contextlib import nullcontext
from logging import getLogger
from typing import TYPE_CHECKING, TypeVar

from django.db import connections, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = TypeVar("Answer")

logger = getLogger("personalization")


def shielded(work: Callable[[], Answer], *, what: str, otherwise: Answer) -> Answer:
    """What ``work`` returns, or ``otherwise`` when it fails; the failure is logged as that of ``what``, unless that is
    '': what stands in for something that failed mostly fails for the same reason.

    Only what leaves a transaction of the host unusable is raised: hiding it would lose the host's own writes. What the
    host itself has given up before, it knows of.
    Without a transaction the host's next statement finds a connection that works, even where ours found it broken.
    """
    given_up = host_transaction_lost()
    try:
        answer = unspoiled(work)
    except Exception:
        if host_transaction_lost() and not given_up:
            raise
        _hang_up_dead_connections()
        if what:
            logger.exception("%s failed", what)
        return otherwise
    if host_transaction_lost() and not given_up:  # the shop's adapter closed the connection, and said nothing
        raise transaction.TransactionManagementError(f"{what} has lost the open transaction")
    return answer


def unspoiled(work: Callable[[], Answer], *, using: str = "default") -> Answer:
    """Done in a savepoint where a failed statement would poison the host's transaction (SQLite bears it)."""
    connection = connections[using]
    risky = connection.in_atomic_block and connection.vendor != "sqlite"
    with transaction.atomic(using=using) if risky else nullcontext():
        return work()


def host_transaction_lost() -> bool:
    """Whether an open transaction can only be rolled back now."""
    return any(
        connection.in_atomic_block and connection.needs_rollback
        for connection in connections.all(initialized_only=True)
    )


def _hang_up_dead_connections() -> None:
    """Django connects anew by itself, but not before a connection that the server has closed is closed here too."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.in_atomic_block and not connection.is_usable():
            connection.close()
