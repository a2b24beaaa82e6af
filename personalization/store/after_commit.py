"""What must wait until the host's own work is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections, transaction

from personalization.store.events import events_database
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Callable


def after_commit(work: Callable[[], bool], *, what: str) -> bool:
    """Do it once the host's open transaction commits, or at once where none is open; it never fails the host.

    What ``work`` returns, False when it fails; True when it waits. What the host rolls back is not done.
    """
    alias = _open_transaction()
    if alias is None:
        return shielded(work, what=what, otherwise=False)

    def told() -> None:  # a function, because Django's log of a failed hook needs its name
        shielded(work, what=what, otherwise=False)

    transaction.on_commit(told, using=alias, robust=True)
    return True


def _open_transaction() -> str | None:
    """The database whose transaction is to be awaited: that of events, else any in which the host is writing."""
    aliases = [
        connection.alias
        for connection in connections.all(initialized_only=True)
        if connection.in_atomic_block
    ]
    return min(aliases, key=lambda alias: alias != events_database(), default=None)
