"""The time of day for work that takes long enough to ask again; tests pass their own."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Returns the present instant in UTC microseconds.
Clock = Callable[[], int]


def utc_micros() -> int:
    """Now, in UTC microseconds since 1970."""
    return time.time_ns() // 1000
