"""What a list is for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personalization.engine.two_stage.candidates import Candidates


class Goal(StrEnum):
    """One model each: what makes somebody try a thing is not what makes somebody come back for it."""

    NEW = "new"  #: what a visitor does not have
    ALL = "all"  #: what it takes next, its own items too

    def of(self, candidates: Candidates) -> Candidates:
        """The candidates that may be offered."""
        return candidates if self is Goal.ALL else candidates.take(~candidates.own)
