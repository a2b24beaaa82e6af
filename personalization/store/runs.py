"""Long work as rows: who may do it, until when, and what became of it.

A live run holds the unique ``busy`` digest of its kind and tenant, so that only one exists. A worker takes it by a
guarded UPDATE that also grows ``fence``; everything that the worker does to the run later names that fence, and
does nothing once somebody else has taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, router
from django.db.models import F, Q

from personalization.engine.ids import digest
from personalization.engine.instants import to_micros
from personalization.exceptions import PersonalizationError
from personalization.models import Run
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: How often a run is taken before it is given up: a job that kills its worker must not kill workers for ever.
MAX_ATTEMPTS = 3

_SECOND = 1_000_000
_ERROR_LENGTH = 500


class LostLeaseError(PersonalizationError):
    """Another worker has taken the run over; what this one still holds must not be published."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a run, as long as nobody takes a newer ``fence``."""

    run: int
    fence: int
    attempt: int
    kind: str
    tenant: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Requested:
    """The live run of a kind: the one just made, or (``created`` false) the one that was there already."""

    run: int
    created: bool
    running: bool
    since: int  #: UTC microseconds; when it was started, or requested when no worker has it yet


def request_run(kind: str, *, tenant: str, now: int, arguments: Mapping[str, Any] | None = None) -> Requested:
    """Ask for work. While a run of the kind is live for the tenant, that one is the answer."""
    columns = {"kind": kind, "tenant": tenant, "arguments": dict(arguments or {}), "requested_at": now}
    busy = digest("run", kind, tenant)
    create = partial(Run.objects.create, busy=busy, **columns)
    while True:
        try:
            run = in_transaction(create, using=router.db_for_write(Run))
            return Requested(run.pk, created=True, running=False, since=now)
        except IntegrityError:
            live = Run.objects.filter(busy=busy).first()
        if live is not None:  # else it ended between the two statements: ask again
            since = live.started_at or live.requested_at
            running = live.state == Run.State.RUNNING
            return Requested(live.pk, created=False, running=running, since=to_micros(since))


def claim_run(run_id: int, *, now: int, lease_seconds: float) -> Lease | None:
    """Take a run that is requested, or whose worker stopped answering; None when it cannot be taken.

    A run that was taken `MAX_ATTEMPTS` times already fails instead.
    """
    run = Run.objects.filter(_due(now), pk=run_id).first()
    if run is None:
        return None
    held = Run.objects.filter(_due(now), pk=run_id, fence=run.fence)
    if run.attempt >= MAX_ATTEMPTS:
        _end(
            held,
            Run.State.FAILED,
            now,
            error=f"given up: {run.attempt} workers took it and stopped answering",
        )
        return None
    taken = held.update(
        state=Run.State.RUNNING,
        fence=F("fence") + 1,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        lease_until=_lease_end(now, lease_seconds),
    )
    if not taken:
        return None
    return Lease(run.pk, run.fence + 1, run.attempt + 1, run.kind, run.tenant, run.arguments)


def renew_lease(lease: Lease, *, now: int, lease_seconds: float) -> None:
    """Say that the worker lives. Raises LostLeaseError when the run is no longer its own."""
    alive = {"heartbeat_at": now, "lease_until": _lease_end(now, lease_seconds)}
    if not _held(lease).update(**alive):
        raise LostLeaseError(f"run #{lease.run} was taken over by another worker")


def confirm_lease(lease: Lease, *, now: int) -> None:
    """Lock the run's row until the surrounding transaction ends, if it is still the worker's own.

    Raises LostLeaseError. Call it first in the transaction that publishes: whoever wants to take the run over
    waits for that transaction.
    """
    if not _held(lease).update(heartbeat_at=now):
        raise LostLeaseError(f"run #{lease.run} was taken over by another worker")


def finish_run(lease: Lease, *, report: Mapping[str, Any], now: int) -> None:
    """The work is done. Raises LostLeaseError when it was taken over in the meantime."""
    if not _end(_held(lease), Run.State.SUCCEEDED, now, report=dict(report)):
        raise LostLeaseError(f"run #{lease.run} was taken over by another worker")


def fail_run(lease: Lease, *, error: str, now: int, report: Mapping[str, Any] | None = None) -> None:
    """The work cannot be done; ``error`` is cut to one line. Nothing happens when it was taken over."""
    _end(_held(lease), Run.State.FAILED, now, error=one_line(error), report=dict(report or {}))


def due_runs(*, now: int) -> list[int]:
    """Runs that somebody should take: requested, or left by a worker that stopped answering. Oldest first."""
    return list(Run.objects.filter(_due(now)).order_by("requested_at", "pk").values_list("pk", flat=True))


def one_line(text: str) -> str:
    """The first line that says something, of a length that a table can show."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:_ERROR_LENGTH] if lines else "unknown error"


def _due(now: int) -> Q:
    abandoned = Q(state=Run.State.RUNNING, lease_until__lt=now)
    return Q(state=Run.State.REQUESTED) | abandoned


def _held(lease: Lease) -> QuerySet[Run]:
    return Run.objects.filter(pk=lease.run, fence=lease.fence, state=Run.State.RUNNING)


def _end(runs: QuerySet[Run], state: Run.State, now: int, **columns: Any) -> int:
    return runs.update(state=state, busy=None, finished_at=now, lease_until=None, **columns)


def _lease_end(now: int, lease_seconds: float) -> Any:
    return now + int(lease_seconds * _SECOND)
