"""Many rules made ready to be matched again and again: no tree is walked, and no condition is decided twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Not
from personalization.engine.rules.rule import written_condition
from personalization.engine.rules.truth import Truth, negated

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.engine.rules.facts import Facts
    from personalization.engine.rules.node import Node

    #: Whether a node is as wanted; the dict keeps what was decided for these facts, by the number of the condition.
    Plan = Callable[[Facts, dict[int, Truth]], bool]


class Planner:
    """Makes plans; conditions that are written the same share their number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def plan(self, node: Node, wanted: Truth = Truth.TRUE, *, known: Condition | None = None) -> Plan:
        """Whether the node is as wanted (TRUE or FALSE). What is unknown is neither, so that two values do.

        ``known``: the one condition that is TRUE whenever the plan is asked.
        """
        match node:
            case Condition():
                return _always if node is known else self._ask(node, wanted)
            case Not(child):
                return self.plan(child, negated(wanted))
            case AllOf(nodes) | AnyOf(nodes):
                plans = [self.plan(child, wanted, known=known) for child in sorted(nodes, key=_is_anchored)]
                return _every(plans) if isinstance(node, AllOf) is (wanted is Truth.TRUE) else _some(plans)
            case Everyone():
                return _always

    def _ask(self, condition: Condition, wanted: Truth) -> Plan:
        number = self._numbers.setdefault(repr(written_condition(condition)), len(self._numbers))
        decide = condition.kind.decide

        def ask(facts: Facts, decided: dict[int, Truth]) -> bool:
            truth = decided.get(number)
            if truth is None:
                truth = decided[number] = decide(condition, facts)
            return truth is wanted

        return ask


def _is_anchored(node: Node) -> bool:
    """Whether it is one of the conditions that rules are found by: of what was found, these hardly ever fail."""
    return isinstance(node, Condition) and node.kind.anchors(node) is not None


def _every(plans: list[Plan]) -> Plan:
    open_ = tuple([plan for plan in plans if plan is not _always])

    def ask(facts: Facts, decided: dict[int, Truth]) -> bool:
        for plan in open_:  # noqa: SIM110 - a generator costs as much as a condition
            if not plan(facts, decided):
                return False
        return True

    if len(open_) > 1:
        return ask
    return open_[0] if open_ else _always


def _some(plans: list[Plan]) -> Plan:
    def ask(facts: Facts, decided: dict[int, Truth]) -> bool:
        for plan in plans:  # noqa: SIM110
            if plan(facts, decided):
                return True
        return False

    return plans[0] if len(plans) == 1 else ask


def _always(_facts: Facts, _decided: dict[int, Truth]) -> bool:
    return True
