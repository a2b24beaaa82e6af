"""The condition on a window of days, half-open: it begins at ``from`` and is over at ``until``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.engine.rules.facts import Scope
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.truth import Truth, truth_of
from personalization.engine.rules.wall_time import end_of, instant_of, local_time, start_of
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from personalization.engine.rules.facts import Facts, FactType
    from personalization.engine.rules.node import Condition
    from personalization.engine.rules.words import Translate

_BOTH = gettext_noop("it is from {from} until {until}")
_FROM = gettext_noop("it is {from} or later")
_UNTIL_DAY = gettext_noop("it is {until} or earlier")
_UNTIL = gettext_noop("it is before {until}")


class ContextDates(Kind):
    """A day means the whole of it: from its first midnight, until its last."""

    code = "context.dates"
    scope = Scope.CONTEXT
    label = gettext_noop("Dates")
    operators = (Operator("within", gettext_noop("is within")),)
    fields = (
        Field("from", FieldType.WALL, gettext_noop("From"), required=False),
        Field("until", FieldType.WALL, gettext_noop("Until"), required=False),
    )
    sentences: Mapping[str, str] = {"within": _BOTH}

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {}

    def start(self, condition: Condition) -> datetime | None:
        wall: Any = condition.values.get("from")
        return None if wall is None else start_of(wall)

    def end(self, condition: Condition) -> datetime | None:
        wall: Any = condition.values.get("until")
        return None if wall is None else end_of(wall)

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        start, end = self.start(condition), self.end(condition)
        if start is not None and facts.now < instant_of(start, facts.zone):
            return Truth.FALSE
        return truth_of(end is None or facts.now < instant_of(end, facts.zone))

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        truth = self.decide(condition, facts)
        start = self.start(condition)
        early = start is not None and facts.now < instant_of(start, facts.zone)
        actual = local_time(facts.now, facts.zone).replace(tzinfo=None).isoformat(" ", "minutes")
        code = "" if truth is Truth.TRUE else "too_early" if early else "too_late"
        return Outcome(truth, self.expected(condition), actual, code=code)

    def check(self, operator: str, values: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
        if not values:
            yield "from", "required", "from or until is missing"
        if len(values) == 2 and start_of(values["from"]) >= end_of(values["until"]):  # type: ignore[arg-type]
            yield "until", "range", "until: must be later than from"

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        starts = [start for start in map(self.start, conditions) if start is not None]
        ends = [end for end in map(self.end, conditions) if end is not None]
        return bool(starts and ends) and max(starts) >= min(ends)

    def walls(self, condition: Condition) -> Iterator[datetime]:
        """The wall times at which something begins or ends."""
        yield from (wall for wall in (self.start(condition), self.end(condition)) if wall is not None)

    def sentence(self, condition: Condition, translate: Translate) -> str:
        shown = self.shown(condition, translate)
        if "until" not in shown:
            return translate(_FROM).format(**shown)
        if "from" not in shown:
            whole = end_of(condition.values["until"]) != condition.values["until"]  # type: ignore[arg-type]
            return translate(_UNTIL_DAY if whole else _UNTIL).format(**shown)
        return translate(_BOTH).format(**shown)
