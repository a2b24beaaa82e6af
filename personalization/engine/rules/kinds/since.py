"""Conditions on how long ago something was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.rules.columns import column_of, counted
from personalization.engine.rules.facts import FactType, Numbers, Orders, Scope
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.kinds.moments import MAX_DAYS
from personalization.engine.rules.kinds.orders import ORDERS
from personalization.engine.rules.truth import Truth, truth_columns, truth_of
from personalization.engine.rules.wall_time import DAY
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition

OPERATORS: Final = (
    Operator("within", gettext_noop("is at most … days ago")),
    Operator("longer_than", gettext_noop("is more than … days ago")),
)
FIELDS: Final = (Field("days", FieldType.WHOLE, gettext_noop("Days"), low=1, high=MAX_DAYS),)


def span(condition: Condition) -> int:
    """The condition's days in microseconds."""
    days: Any = condition.values["days"]
    return int(days) * DAY


class SinceKind(Kind):
    """Whether an INSTANT is at most, or more than, some days ago; ``fact`` names it."""

    fact: str
    operators = OPERATORS
    fields = FIELDS

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: FactType.INSTANT}

    def instant(self, facts: Facts) -> int | None:
        """When it was, None when that is unknown, or it never was."""
        instant: Any = facts.find(self.fact)
        return instant  # type: ignore[no-any-return]

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        instant = self.instant(facts)
        if instant is None:
            return Truth.UNKNOWN
        return truth_of((facts.now - instant <= span(condition)) is (condition.operator == "within"))

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        column = column_of(columns, self.fact, Numbers)
        recent = column.values >= columns.now - span(condition)
        return truth_columns(recent == (condition.operator == "within"), column.known)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        instant = self.instant(facts)
        actual = None if instant is None else str(max((facts.now - instant) // DAY, 0))
        return Outcome(self.decide(condition, facts), self.expected(condition), actual)

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        within = [span(condition) for condition in conditions if condition.operator == "within"]
        longer = [span(condition) for condition in conditions if condition.operator == "longer_than"]
        return bool(within and longer) and max(longer) >= min(within)


class VisitorLastSeen(SinceKind):
    code = "visitor.last_seen"
    scope = Scope.VISITOR
    label = gettext_noop("Last visit")
    fact = "visitor.last_seen"
    sentences: Mapping[str, str] = {
        "within": gettext_noop("the visitor was last here at most {days} days ago"),
        "longer_than": gettext_noop("the visitor was last here more than {days} days ago"),
    }


class ItemAge(SinceKind):
    code = "item.age"
    scope = Scope.ITEM
    label = gettext_noop("Age of the item")
    fact = "item.listed_at"
    sentences: Mapping[str, str] = {
        "within": gettext_noop("the item came into the shop at most {days} days ago"),
        "longer_than": gettext_noop("the item came into the shop more than {days} days ago"),
    }


class VisitorLastOrder(SinceKind):
    """Of a visitor who never ordered, the last order is neither at most nor more than some days ago."""

    code = "visitor.last_order"
    scope = Scope.VISITOR
    label = gettext_noop("Last order")
    fact = ORDERS
    sentences: Mapping[str, str] = {
        "within": gettext_noop("the visitor last ordered at most {days} days ago"),
        "longer_than": gettext_noop("the visitor last ordered more than {days} days ago"),
    }

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {ORDERS: FactType.ORDERS}

    def instant(self, facts: Facts) -> int | None:
        orders: Any = facts.find(ORDERS)
        return max((order.at for order in orders or ()), default=None)

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        if facts.find(ORDERS) == ():
            return Truth.FALSE
        return super().decide(condition, facts)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        outcome = super().judge(condition, facts)
        if outcome.actual is None and outcome.truth is not Truth.UNKNOWN:
            return Outcome(outcome.truth, outcome.expected, "")
        return outcome

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        column = column_of(columns, ORDERS, Orders)
        recent = counted(column.at >= columns.now - span(condition), column.starts) > 0
        if condition.operator == "within":
            return truth_columns(recent, column.known)
        return truth_columns((np.diff(column.starts) > 0) & ~recent, column.known)
