"""Conditions that are yes or no."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.rules.columns import column_of
from personalization.engine.rules.facts import FactType, Numbers, Scope
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.truth import Truth, truth_columns, truth_of
from personalization.engine.rules.wall_time import instant_of, local_time
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition

OPERATORS: Final = (Operator("yes", gettext_noop("is so")), Operator("no", gettext_noop("is not so")))


class FlagKind(Kind):
    """Whether a FLAG is as the operator says; ``fact`` names it."""

    fact: str
    operators = OPERATORS

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: FactType.FLAG}

    def flag(self, facts: Facts) -> bool | None:
        """The flag, None when it is unknown."""
        flag = facts.find(self.fact)
        return None if flag is None else bool(flag)

    def flags(self, column: Numbers, columns: Columns) -> NDArray[np.bool_]:
        """The flag of every case."""
        return np.asarray(column.values != 0)

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        flag = self.flag(facts)
        return Truth.UNKNOWN if flag is None else truth_of(flag is (condition.operator == "yes"))

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        column = column_of(columns, self.fact, Numbers)
        return truth_columns(self.flags(column, columns) == (condition.operator == "yes"), column.known)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        flag = self.flag(facts)
        actual = None if flag is None else ("yes" if flag else "no")
        return Outcome(self.decide(condition, facts), condition.operator, actual)

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        return len({condition.operator for condition in conditions}) > 1


class VisitorSignedIn(FlagKind):
    code = "visitor.signed_in"
    scope = Scope.VISITOR
    label = gettext_noop("Signed in")
    fact = "visitor.signed_in"
    sentences: Mapping[str, str] = {
        "yes": gettext_noop("the visitor is signed in"),
        "no": gettext_noop("the visitor is not signed in"),
    }


class VisitorHoldout(FlagKind):
    code = "visitor.holdout"
    scope = Scope.VISITOR
    label = gettext_noop("In the holdout")
    fact = "visitor.holdout"
    sentences: Mapping[str, str] = {
        "yes": gettext_noop("the visitor is in the holdout"),
        "no": gettext_noop("the visitor is not in the holdout"),
    }


class VisitorReturning(FlagKind):
    """Whether the visitor was first seen on an earlier day, by the shop's calendar."""

    code = "visitor.returning"
    scope = Scope.VISITOR
    label = gettext_noop("Returning visitor")
    fact = "visitor.first_seen"
    sentences: Mapping[str, str] = {
        "yes": gettext_noop("the visitor has been here on an earlier day"),
        "no": gettext_noop("the visitor is here for the first day"),
    }

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: FactType.INSTANT}

    def flag(self, facts: Facts) -> bool | None:
        first: Any = facts.find(self.fact)
        return None if first is None else first < _midnight(facts.now, facts.zone)

    def flags(self, column: Numbers, columns: Columns) -> NDArray[np.bool_]:
        return np.asarray(column.values < _midnight(columns.now, columns.zone))


def _midnight(now: int, zone: str) -> int:
    """The instant today began."""
    return instant_of(datetime.combine(local_time(now, zone).date(), time()), zone)
