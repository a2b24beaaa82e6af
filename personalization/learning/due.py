"""The sweep: take every run that waits, and every run whose worker stopped answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.learning.clock import utc_micros
from personalization.learning.job import RunFailedError, perform, take
from personalization.learning.new_items import learn_new_items
from personalization.learning.rebuild import REBUILD, learn
from personalization.store.event_counts import count_events
from personalization.store.new_items import CONTENT
from personalization.store.runs import LostLeaseError, due_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.learning.clock import Clock
    from personalization.learning.job import Work
    from personalization.store.runs import Lease

#: Kind of run → what does its work.
WORKS: Final[Mapping[str, Work]] = {REBUILD: learn, CONTENT: learn_new_items}


@dataclass(frozen=True, slots=True)
class Done:
    """A run that this sweep took. ``error`` is empty when it succeeded."""

    run: int
    kind: str
    error: str = ""


def run_due(*, clock: Clock = utc_micros) -> list[Done]:
    """Count the events that came, and do everything that is due, one run after the other; a run that fails does not
    stop the next."""
    count_events(now=clock())
    leases = (take(run, clock=clock) for run in due_runs(now=clock()))
    return [_do(lease, clock) for lease in leases if lease is not None]


def _do(lease: Lease, clock: Clock) -> Done:
    try:
        perform(lease, WORKS[lease.kind], clock=clock)
    except (RunFailedError, LostLeaseError) as error:
        return Done(lease.run, lease.kind, str(error))
    return Done(lease.run, lease.kind)
