"""Where an instant lies in the schedule of something that works."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"


def phase_at(now: int, *, starts_at: int | None, ends_at: int | None) -> Phase:
    """Instants are UTC microseconds; a schedule is half-open, None is without that end."""
    if starts_at is not None and now < starts_at:
        return Phase.SCHEDULED
    return Phase.ENDED if ends_at is not None and ends_at <= now else Phase.RUNNING
