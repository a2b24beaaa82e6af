"""Opt-in benchmarks: ours beside the plain code a good Django developer writes, in one run, interleaved.

Each module here is one benchmark and has ``measure() -> Measurement``; run them with
``python -m tests.benchmarks [NAME …] [--json]``, where a NAME is a module's name with dashes.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Measurement:
    """Two medians in the same unit, and the workload in words (seed, sizes, distribution)."""

    ours: float
    reference: float
    unit: str
    workload: str

    @property
    def ratio(self) -> float:
        return self.ours / self.reference


class MissingRequirementError(Exception):
    """The benchmark needs something that this machine or DATABASE_URL lacks."""


def interleave(
    ours: Callable[[], float], reference: Callable[[], float], *, rounds: int
) -> tuple[float, float]:
    """Medians of both sides, each round measuring both; every callable returns its own measured cost."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
