"""What is wrong with a rule that somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing that is wrong. ``path``: JSON pointer to it; ``field``: of a condition, '' elsewhere; ``code`` is
    stable for programs."""

    path: str
    field: str
    code: str
    message: str


class InvalidRuleError(InvalidInputError):
    """A rule that cannot be used. ``problems``: everything that is wrong with it."""

    def __init__(self, problems: Iterable[RuleProblem]) -> None:
        self.problems = tuple(problems)
        told = "; ".join([f"{problem.path or '/'}: {problem.message}" for problem in self.problems[:10]])
        super().__init__("rule", told, code=self.problems[0].code)

    def __reduce__(self) -> tuple[type[InvalidRuleError], tuple[tuple[RuleProblem, ...]]]:
        return type(self), (self.problems,)
