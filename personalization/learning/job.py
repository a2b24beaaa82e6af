"""Work that one worker at a time does under a lease, whoever asked for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import Error

from personalization.conf import settings
from personalization.exceptions import PersonalizationError
from personalization.store.heartbeat import Heartbeat
from personalization.store.runs import (
    LostLeaseError,
    claim_run,
    fail_run,
    finish_run,
    one_line,
    request_run,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.learning.clock import Clock
    from personalization.store.runs import Lease, Requested

    #: Does the work of a run and returns its report.
    Work = Callable[["Job"], Mapping[str, Any]]

logger = logging.getLogger(__name__)

_SECOND: Final = 1_000_000


class AlreadyRunningError(PersonalizationError):
    """Another worker does this work at the moment."""

    def __init__(self, kind: str, live: Requested) -> None:
        since = datetime.fromtimestamp(live.since // _SECOND, UTC).isoformat(timespec="seconds")
        verb = "started" if live.running else "requested"
        super().__init__(f"{kind}: already running (run #{live.run}, {verb} {since})")
        self.run = live.run


class RunFailedError(PersonalizationError):
    """The work could not be done; what was live before still is."""


@dataclass(frozen=True, slots=True)
class Job:
    """What work is told: its lease, the time, and how to say that it goes on."""

    lease: Lease
    clock: Clock
    beat: Callable[[], None]


def take_run(kind: str, *, tenant: str, arguments: Mapping[str, Any], clock: Clock) -> Lease:
    """Request a run and take it at once, or take over the one that waits. Raises AlreadyRunningError."""
    live = request_run(kind, tenant=tenant, arguments=arguments, now=clock())
    lease = take(live.run, clock=clock)
    if lease is None:  # somebody works on it, or it was given up a moment ago
        live = request_run(kind, tenant=tenant, arguments=arguments, now=clock())
        lease = take(live.run, clock=clock) if live.created else None
    if lease is None:
        raise AlreadyRunningError(kind, live)
    return lease


def take(run: int, *, clock: Clock) -> Lease | None:
    """The lease of a run that is due; None when somebody has it."""
    return claim_run(run, now=clock(), lease_seconds=settings.LEASE_SECONDS)


def perform(lease: Lease, work: Work, *, clock: Clock) -> Mapping[str, Any]:
    """Do the work and close the run; its report.

    Raises RunFailedError with one line when the work fails, and LostLeaseError, leaving the run alone, when
    another worker took over.
    """
    try:
        with Heartbeat(lease, clock=clock, lease_seconds=settings.LEASE_SECONDS) as heartbeat:
            report = work(Job(lease, clock, heartbeat.beat))
        finish_run(lease, report=report, now=clock())
    except LostLeaseError:
        raise
    except Exception as error:
        why = reason(error)
        _log(lease, why, error)
        _close(lease, why, clock)
        raise RunFailedError(f"run #{lease.run} failed: {why}") from error
    except BaseException:  # Ctrl-C, or the worker is told to stop: nobody should have to wait for the lease
        _close(lease, "interrupted", clock)
        raise
    return report


def reason(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, MemoryError):
        return "out of memory; lower MEMORY_BUDGET_MB or give the process more"
    text = one_line(str(error))
    return text if isinstance(error, PersonalizationError) else f"{type(error).__name__}: {text}"


def _log(lease: Lease, why: str, error: Exception) -> None:
    expected = isinstance(error, PersonalizationError | MemoryError)  # else whose code it was matters
    logger.error("run #%s failed: %s", lease.run, why, exc_info=None if expected else error)


def _close(lease: Lease, why: str, clock: Clock) -> None:
    try:
        fail_run(lease, error=why, now=clock())
    except Error:
        logger.warning("run #%s could not be closed; its lease ends by itself", lease.run)
