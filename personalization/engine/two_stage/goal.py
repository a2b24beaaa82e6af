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

    def of(self, candidates: Candidates, *, front: int) -> Candidates:
        """The candidates that may be offered. Of the new ones everything goes only into a list of new ones; beside what
        a visitor has, those that some source puts among its first ``front``."""
        if self is Goal.NEW:
            return candidates.take(~candidates.own)
        return candidates.take(candidates.own | (candidates.ranks < front).any(axis=0))
