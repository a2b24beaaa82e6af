"""The conditions on the shop's clock and week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalization.engine.rules.facts import Scope
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.kinds.text import OPERATORS
from personalization.engine.rules.truth import Truth, truth_of
from personalization.engine.rules.wall_time import local_time
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalization.engine.rules.facts import Facts, FactType
    from personalization.engine.rules.node import Condition

#: In the order of ISO 8601.
WEEKDAYS: Final[Mapping[str, str]] = {
    "monday": gettext_noop("Monday"),
    "tuesday": gettext_noop("Tuesday"),
    "wednesday": gettext_noop("Wednesday"),
    "thursday": gettext_noop("Thursday"),
    "friday": gettext_noop("Friday"),
    "saturday": gettext_noop("Saturday"),
    "sunday": gettext_noop("Sunday"),
}
_NAMES: Final = tuple(WEEKDAYS)


class ContextHours(Kind):
    """Whether the clock shows a time from ``from``, before ``until``; over midnight when ``until`` is the earlier one.

    It is the clock that counts: hours that are skipped once a year do not come on that day, and hours that come twice
    count both times.
    """

    code = "context.hours"
    scope = Scope.CONTEXT
    label = gettext_noop("Hours")
    operators = (Operator("within", gettext_noop("is within")),)
    fields = (
        Field("from", FieldType.CLOCK, gettext_noop("From")),
        Field("until", FieldType.CLOCK, gettext_noop("Until")),
    )
    sentences: Mapping[str, str] = {"within": gettext_noop("the clock is between {from} and {until}")}

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {}

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        values: Any = condition.values
        start, end, clock = values["from"], values["until"], local_time(facts.now, facts.zone).time()
        if start < end:
            return truth_of(start <= clock < end)
        return truth_of(clock >= start or clock < end)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        actual = local_time(facts.now, facts.zone).time().isoformat("minutes")
        return Outcome(self.decide(condition, facts), self.expected(condition), actual)

    def check(self, operator: str, values: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
        if values["from"] == values["until"]:
            yield "until", "range", "until: must not be the same as from"


class ContextWeekday(Kind):
    """Whether today is one of some weekdays."""

    code = "context.weekday"
    scope = Scope.CONTEXT
    label = gettext_noop("Weekday")
    operators = OPERATORS
    fields = (Field("values", FieldType.TEXTS, gettext_noop("Weekdays"), letters="lower", choices=WEEKDAYS),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("today is {values}"),
        "none_of": gettext_noop("today is not {values}"),
    }

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {}

    def days(self, condition: Condition) -> frozenset[str]:
        """The weekdays on which the condition holds."""
        values: Any = condition.values["values"]
        return frozenset(values if condition.operator == "any_of" else WEEKDAYS.keys() - values)

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        return truth_of(_weekday(facts) in self.days(condition))

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        return Outcome(self.decide(condition, facts), self.expected(condition), _weekday(facts))

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        return not frozenset(WEEKDAYS).intersection(*map(self.days, conditions))


def _weekday(facts: Facts) -> str:
    return _NAMES[local_time(facts.now, facts.zone).weekday()]
