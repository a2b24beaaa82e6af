"""What the examination is about."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connections

from personalization.adapters import DeclarativeAdapter
from personalization.engine.instants import from_micros
from personalization.management.doctor import candidates
from personalization.management.doctor.proposal import propose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.adapters import Adapter

#: How many products, orders and people are looked at.
SAMPLE: Final = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """``now``: UTC microseconds."""

    adapter: Adapter
    tenant: str
    now: int

    @property
    def file(self) -> str:
        """Where the host's adapter stands; where it would, if there is none yet."""
        if self.is_own:
            return f"{type(self.adapter).__module__.replace('.', '/')}.py"
        declared = self.declares()
        return propose(candidates.Candidate(declared.model())).file if declared else "your adapter"

    @property
    def is_own(self) -> bool:
        """Whether the host has written an adapter."""
        return not type(self.adapter).__module__.startswith("personalization.")

    def declares(self) -> DeclarativeAdapter | None:
        """The adapter, if attributes can be added to it."""
        return self.adapter if isinstance(self.adapter, DeclarativeAdapter) else None


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent meanwhile, on all databases."""
    sent: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        sent.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        yield sent


def day(instant: int) -> str:
    return f"{from_micros(instant):%Y-%m-%d %H:%M} UTC"


def some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
