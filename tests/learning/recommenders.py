"""Recommenders that a host might write, named in settings by dotted path."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.popularity import Popularity

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Broken(Recommender):
    """Fails in the way that its option says."""

    how: str = "bug"

    def fit(self, interactions):
        errors = {
            "bug": ZeroDivisionError("division by zero\nin the host's code"),
            "refusal": InvalidInputError("shape", "this shop has none"),
            "memory": MemoryError(),
            "stop": KeyboardInterrupt(),
        }
        raise errors[self.how]


@dataclass(frozen=True, slots=True)
class Slow(Recommender):
    """Popularity that sleeps while the file exists which the environment names; says that it began beside it."""

    seconds: float = 60.0

    def fit(self, interactions):
        flag = Path(os.environ.get("SLOW_RECOMMENDER", "/nonexistent"))
        if flag.exists():
            flag.with_suffix(".began").write_text(str(os.getpid()))
        deadline = time.monotonic() + self.seconds
        while flag.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        return Popularity().fit(interactions)


class Listening(Recommender):
    """Popularity that keeps what it was told."""

    heard: ClassVar[list[Interactions]] = []

    def fit(self, interactions):
        self.heard.append(interactions)
        return Popularity().fit(interactions)


class Plain(Recommender):
    """No dataclass, no options."""

    def fit(self, interactions):
        return Popularity().fit(interactions)
