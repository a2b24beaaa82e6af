"""Says that a worker lives, while that worker is busy with something that cannot say so itself."""

from __future__ import annotations

import logging
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from django.db import Error, connections, router

from personalization.models import Run
from personalization.store.runs import LostLeaseError, renew_lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.store.runs import Lease

logger = logging.getLogger(__name__)

#: Signs of life in one lease: two may get lost.
_BEATS: Final = 3
#: A thread that hangs in a database that went away must not keep the worker.
_JOIN_SECONDS: Final = 5.0


class Heartbeat:
    """Renews a lease from a thread with its own connection for as long as the ``with`` block lasts.

    Where a second connection cannot work - inside a transaction, whose rows it could not see, and for a database
    in memory - only the calls of `beat` renew it.
    """

    def __init__(self, lease: Lease, *, clock: Callable[[], int], lease_seconds: float) -> None:
        self._lease = lease
        self._clock = clock
        self._seconds = lease_seconds
        self._stopped = Signal()
        self._lost = False
        self._thread = Thread(target=self._live, name=f"heartbeat-{lease.run}", daemon=True)

    def __enter__(self) -> Self:
        if _second_connection_works():
            self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_SECONDS)

    def beat(self) -> None:
        """Renew the lease now; call it between steps. Raises LostLeaseError when somebody else has taken over."""
        if self._lost:
            raise LostLeaseError(f"run #{self._lease.run} was taken over by another worker")
        renew_lease(self._lease, now=self._clock(), lease_seconds=self._seconds)

    def _live(self) -> None:
        try:
            while not self._lost and not self._stopped.wait(self._seconds / _BEATS):
                self._renew()
        finally:
            connections.close_all()  # those of this thread

    def _renew(self) -> None:
        try:
            self.beat()
        except LostLeaseError:
            self._lost = True
        except Error as error:
            logger.warning("no sign of life for run #%s: %s", self._lease.run, error)
            connections.close_all()


def _second_connection_works() -> bool:
    connection = connections[router.db_for_write(Run)]
    in_memory = connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    return not (in_memory or connection.in_atomic_block)
