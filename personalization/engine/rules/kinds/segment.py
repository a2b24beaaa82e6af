"""The condition on segments: named rules, evaluated as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.rules.columns import column_of
from personalization.engine.rules.facts import FactType, Numbers, Scope
from personalization.engine.rules.kind import IS_SO, Kind, Outcome
from personalization.engine.rules.kinds.texts import OPERATORS, values_field
from personalization.engine.rules.truth import (
    Truth,
    conjoined_columns,
    conjunction,
    disjoined_columns,
    disjunction,
    negated,
    negated_columns,
    truth_columns,
    truth_of,
)
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.kind import Anchors
    from personalization.engine.rules.node import Condition


def segment_fact(name: str) -> str:
    """The name under which the evaluation puts whether a segment holds, as a FLAG among the facts."""
    return f"segment:{name}"


class VisitorSegment(Kind):
    code = "visitor.segment"
    scope = Scope.VISITOR
    label = gettext_noop("Segment")
    operators = OPERATORS
    fields = (values_field("segment"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor is in the segment {values}"),
        "all_of": gettext_noop("the visitor is in the segments {values}"),
        "none_of": gettext_noop("the visitor is not in the segment {values}"),
    }

    def segments(self, condition: Condition) -> frozenset[str]:
        names: Any = condition.values["values"]
        return names  # type: ignore[no-any-return]

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {segment_fact(name): FactType.FLAG for name in sorted(self.segments(condition))}

    def anchors(self, condition: Condition) -> Anchors | None:
        if condition.operator != "any_of":
            return None
        return frozenset([(fact, IS_SO) for fact in self.facts(condition)])

    def anchors_suffice(self, condition: Condition) -> bool:
        return condition.operator == "any_of"

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        truths = [_truth(facts.find(name)) for name in self.facts(condition)]
        if condition.operator == "all_of":
            return conjunction(truths)
        within = disjunction(truths)
        return within if condition.operator == "any_of" else negated(within)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        inside = [name for name in sorted(self.segments(condition)) if facts.find(segment_fact(name))]
        truth = self.decide(condition, facts)
        actual = None if truth is Truth.UNKNOWN else ", ".join(inside)
        return Outcome(truth, self.expected(condition), actual)

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        truths = [_truths(columns, name) for name in self.facts(condition)]
        combined, combine = truths[0], disjoined_columns
        if condition.operator == "all_of":
            combine = conjoined_columns
        for one in truths[1:]:
            combined = combine(combined, one)
        return negated_columns(combined) if condition.operator == "none_of" else combined


def _truth(flag: object) -> Truth:
    return Truth.UNKNOWN if flag is None else truth_of(flag)


def _truths(columns: Columns, name: str) -> NDArray[np.int8]:
    if name not in columns.columns:
        return np.full(columns.n, Truth.UNKNOWN, np.int8)
    column = column_of(columns, name, Numbers)
    return truth_columns(column.values != 0, column.known)
