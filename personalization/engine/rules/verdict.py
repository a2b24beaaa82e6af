"""Evaluating a rule for one case: fast, or with everything that stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Not, children
from personalization.engine.rules.segments import with_segments
from personalization.engine.rules.truth import Truth, conjunction, disjunction, negated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from personalization.engine.rules.facts import Facts
    from personalization.engine.rules.node import Node
    from personalization.engine.rules.rule import Rule

NO_SEGMENTS: Final[Mapping[str, Rule]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that keeps a rule from being TRUE.

    ``path``: JSON pointer; ``code``: unknown, negated (it holds, and must not), too_low, too_high, currency, too_early,
    too_late, else failed; ``expected``, ``actual``: values in plain text, actual None when it is not known;
    ``missing``: how much more would do; ``unit``: a currency or ''.
    """

    path: str
    kind: str
    op: str
    code: str
    expected: str
    actual: str | None = None
    missing: Decimal | None = None
    unit: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule holds; if not, every condition that stands in the way, of alternatives all of them."""

    truth: Truth
    failures: tuple[Failure, ...] = ()


def evaluate(rule: Rule, facts: Facts, segments: Mapping[str, Rule] = NO_SEGMENTS) -> Verdict:
    """The verdict on one case. ``segments``: the rules of all segments, by name; those that are missing are unknown."""
    truth, failures = _traced(rule.root, "", _prepared(rule, facts, segments), wanted=Truth.TRUE)
    return Verdict(truth, failures)


def matches(rule: Rule, facts: Facts, segments: Mapping[str, Rule] = NO_SEGMENTS) -> bool:
    """Whether the rule is TRUE; what is unknown does not match."""
    return decided(rule.root, _prepared(rule, facts, segments)) is Truth.TRUE


def decided(node: Node, facts: Facts) -> Truth:
    """Whether a node holds, without reasons."""
    match node:
        case Condition():
            return node.kind.decide(node, facts)
        case AllOf(nodes):
            return _combined(nodes, facts, Truth.FALSE)
        case AnyOf(nodes):
            return _combined(nodes, facts, Truth.TRUE)
        case Not(child):
            return negated(decided(child, facts))
        case Everyone():
            return Truth.TRUE


def decided_rule(rule: Rule, facts: Facts) -> Truth:
    return decided(rule.root, facts)


def _combined(nodes: tuple[Node, ...], facts: Facts, decisive: Truth) -> Truth:
    """The decisive truth as soon as one node has it; else whether something is unknown."""
    combined = negated(decisive)
    for node in nodes:
        truth = decided(node, facts)
        if truth is decisive:
            return truth
        if truth is Truth.UNKNOWN:
            combined = truth
    return combined


def _prepared(rule: Rule, facts: Facts, segments: Mapping[str, Rule]) -> Facts:
    return with_segments(facts, segments, decided_rule) if rule.segments else facts


def _traced(node: Node, path: str, facts: Facts, *, wanted: Truth) -> tuple[Truth, tuple[Failure, ...]]:
    """Whether the node holds, and what keeps it from being as wanted; nothing is skipped."""
    if isinstance(node, Condition):
        return _judged(node, path, facts, wanted)
    below = negated(wanted) if isinstance(node, Not) else wanted
    traced = [_traced(child, place, facts, wanted=below) for place, child in children(node, path)]
    truth = _joined(node, [truth for truth, _ in traced])
    return truth, () if truth is wanted else tuple(
        [failure for _, failures in traced for failure in failures]
    )


def _joined(node: Node, truths: list[Truth]) -> Truth:
    match node:
        case AllOf():
            return conjunction(truths)
        case AnyOf():
            return disjunction(truths)
        case Not():
            return negated(truths[0])
        case _:
            return Truth.TRUE


def _judged(
    condition: Condition, path: str, facts: Facts, wanted: Truth
) -> tuple[Truth, tuple[Failure, ...]]:
    outcome = condition.kind.judge(condition, facts)
    if outcome.truth is wanted:
        return outcome.truth, ()
    holds = outcome.truth is Truth.TRUE
    failure = Failure(
        path,
        condition.kind.code,
        condition.operator,
        "negated" if holds else outcome.code or ("unknown" if outcome.truth is Truth.UNKNOWN else "failed"),
        outcome.expected,
        outcome.actual,
        None if wanted is Truth.FALSE else outcome.missing,
        outcome.unit,
        negated=wanted is Truth.FALSE,
    )
    return outcome.truth, (failure,)
