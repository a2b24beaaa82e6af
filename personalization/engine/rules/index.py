"""Many rules, and which of them match one case: by what it must be known for, not one after the other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from personalization.engine.rules.kind import IS_SO
from personalization.engine.rules.node import AllOf, AnyOf, Condition
from personalization.engine.rules.plan import Planner
from personalization.engine.rules.segments import with_segments
from personalization.engine.rules.truth import Truth
from personalization.engine.rules.verdict import NO_SEGMENTS, decided_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from personalization.engine.rules.facts import Facts
    from personalization.engine.rules.kind import Anchors
    from personalization.engine.rules.node import Node
    from personalization.engine.rules.plan import Plan
    from personalization.engine.rules.rule import Rule

K = TypeVar("K", bound="Hashable")


class RuleIndex(Generic[K]):
    """Rules by key, each filed under the texts of which one must be among the facts for it to match.

    Of the conditions that must hold, the rule is filed under the one that fewest rules ask for. Rules that have none
    are always looked at.
    """

    def __init__(self, rules: Mapping[K, Rule]) -> None:
        self._keys = tuple(rules)
        self._asks_segments = any(rule.segments for rule in rules.values())
        self._always: list[int] = []
        self._files: dict[str, dict[str, list[int]]] = {}
        ways = [way for rule in rules.values() for way in _ways(rule.root, _fewest)]
        asked = Counter(anchor for way in ways for anchor in way.anchors)

        def cost(way: _Way) -> int:
            return sum(asked[anchor] for anchor in way.anchors)

        planner = Planner()
        self._plans = tuple(
            [self._file(place, rule, cost, planner) for place, rule in enumerate(rules.values())]
        )

    def _file(self, place: int, rule: Rule, cost: Callable[[_Way], int], planner: Planner) -> Plan:
        """File a rule; what is left to be asked once it is found."""
        way = min(_ways(rule.root, cost), key=cost, default=None)
        if way is None:
            self._always.append(place)
            return planner.plan(rule.root)
        for fact, text in way.anchors:
            self._files.setdefault(fact, {}).setdefault(text, []).append(place)
        return planner.plan(rule.root, known=way.settled)

    def candidates(self, facts: Facts, segments: Mapping[str, Rule] = NO_SEGMENTS) -> list[K]:
        """The keys of the rules that may match, in the order they were given; no other rule does."""
        return [self._keys[place] for place in self._places(self._prepared(facts, segments))]

    def matching(self, facts: Facts, segments: Mapping[str, Rule] = NO_SEGMENTS) -> list[K]:
        """The keys of the rules that match, in the order they were given."""
        facts = self._prepared(facts, segments)
        keys, plans, decided = self._keys, self._plans, dict[int, Truth]()
        return [keys[place] for place in self._places(facts) if plans[place](facts, decided)]

    def _prepared(self, facts: Facts, segments: Mapping[str, Rule]) -> Facts:
        return with_segments(facts, segments, decided_rule) if self._asks_segments else facts

    def _places(self, facts: Facts) -> list[int]:
        found = set(self._always)
        for fact, filed in self._files.items():
            known: Any = facts.find(fact)
            if isinstance(known, str):
                found.update(filed.get(known, ()))
            elif known is True:
                found.update(filed.get(IS_SO, ()))
            elif known:
                few, many = (filed, known) if len(filed) < len(known) else (known, filed)
                found.update(*[filed[text] for text in few if text in many])
        return sorted(found)


class _Way(NamedTuple):
    """A way to file a node: texts of which one must be among the facts for it to be TRUE.

    ``settled``: the condition that is TRUE when one is, if there is one that must hold.
    """

    anchors: Anchors
    settled: Condition | None = None


def _fewest(way: _Way) -> int:
    return len(way.anchors)


def _ways(node: Node, cost: Callable[[_Way], int]) -> Iterator[_Way]:
    if isinstance(node, Condition):
        anchors = node.kind.anchors(node)
        if anchors is not None:
            yield _Way(anchors, node if node.kind.anchors_suffice(node) else None)
    elif isinstance(node, AllOf):
        for child in node.nodes:
            yield from _ways(child, cost)
    elif isinstance(node, AnyOf):
        best = [min(_ways(child, cost), key=cost, default=None) for child in node.nodes]
        if None not in best:
            yield _Way(frozenset[tuple[str, str]]().union(*[way.anchors for way in best if way is not None]))
