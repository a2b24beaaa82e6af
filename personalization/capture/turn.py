"""One of us at a time: the right to pull, which ends by itself when its holder dies."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from django.db import DatabaseError

from personalization.conf import settings
from personalization.exceptions import PersonalizationError
from personalization.store.cursors import keep_turn, take_turn

if TYPE_CHECKING:
    from collections.abc import Callable

_SECOND: Final = 1_000_000


class TakenTurnError(PersonalizationError):
    """Another process is at it, or took over because this one did not answer for LEASE_SECONDS."""


class Turn:
    """Held for as long as the ``with`` block lasts and `renew` is called in time."""

    def __init__(self, name: str, *, tenant: str, clock: Callable[[], int]) -> None:
        self._name, self._tenant, self._clock = name, tenant, clock
        self._held = 0

    def __enter__(self) -> Self:
        until = self._until()
        if not take_turn(self._name, tenant=self._tenant, now=self._clock(), until=until):
            raise TakenTurnError(f"{self._name}: another process is reading them; try again later")
        self._held = until
        return self

    def __exit__(self, *exc_info: object) -> None:
        with suppress(DatabaseError):  # then it ends by itself
            keep_turn(self._name, tenant=self._tenant, held=self._held, until=self._clock())

    def renew(self) -> None:
        """Say that this process lives; call it between steps. Raises TakenTurnError."""
        until = self._until()
        if not keep_turn(self._name, tenant=self._tenant, held=self._held, until=until):
            raise TakenTurnError(f"{self._name}: another process took over; what was stored stays stored")
        self._held = until

    def _until(self) -> int:
        return self._clock() + int(settings.LEASE_SECONDS * _SECOND)
