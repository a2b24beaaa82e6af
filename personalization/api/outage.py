"""Something that we can do without is dead: say so once a minute, and leave it alone for a moment."""

from __future__ import annotations

import time
from logging import getLogger
from threading import Lock
from typing import Final

logger = getLogger("personalization")

#: Seconds in which it is not asked again: what does not answer would hold up every request.
PAUSE: Final = 5.0
#: Seconds between two lines in the log.
QUIET: Final = 60.0


class Outage:
    """Failures of one thing in this process. ``count``: failures since the last line in the log."""

    def __init__(self, what: str) -> None:
        self.count = 0
        self._what = what
        self._until = self._said_at = float("-inf")
        self._lock = Lock()

    def lasts(self) -> bool:
        """Whether it failed a moment ago; the calls that do without it are counted."""
        if time.monotonic() >= self._until:
            return False
        with self._lock:
            self.count += 1
        return True

    def note(self, error: Exception) -> None:
        """It failed."""
        now = time.monotonic()
        with self._lock:
            self.count += 1
            self._until = now + PAUSE
            if now < self._said_at + QUIET:
                return
            self._said_at, count, self.count = now, self.count, 0
        logger.error("%s does not work (%d calls went without it): %r", self._what, count, error)

    def forget(self) -> None:
        """Begin anew."""
        self.count, self._until, self._said_at = 0, float("-inf"), float("-inf")
