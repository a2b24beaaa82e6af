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
    """What ``work`` returns, or ``otherwise`` when it fails; the failure is logged as that of ``what``.

    Only an error that leaves a transaction of the host unusable is raised: hiding it would lose the host's own writes.
    """
    try:
        return unspoiled(work)
    except Exception:
        if host_transaction_lost():
            raise
        logger.exception("%s failed", what)
        return otherwise


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
