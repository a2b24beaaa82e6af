"""A rule that has been read: its tree, and the one text it is always written as."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from personalization.engine.ids import digest
from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Node, Not, conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Rule:
    """A valid rule. Two are equal when they are written the same.

    ``text``: canonical JSON; ``digest``: 16 bytes of it; ``facts``: the names of all facts that its own conditions
    read; ``segments``: the names of the segments that it asks for.
    """

    text: str
    digest: bytes
    root: Node = field(compare=False)
    facts: frozenset[str] = field(compare=False)
    segments: frozenset[str] = field(compare=False)


def rule_of(root: Node) -> Rule:
    """The rule of a tree of nodes that have been checked."""
    text = json.dumps(_written(root), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    found = [condition for _, condition in conditions(root)]
    segments = frozenset[str]().union(*(one.kind.segments(one) for one in found))
    facts = frozenset[str]().union(*(one.kind.facts(one) for one in found if not one.kind.segments(one)))
    return Rule(text, digest(text), root, facts, segments)


def asked_texts(rules: Iterable[Rule]) -> dict[str, frozenset[str] | None]:
    """The facts that rules read, with the texts that make a difference in them; None: whatever they hold does."""
    asked: dict[str, frozenset[str] | None] = {}
    for rule in rules:
        for _, condition in conditions(rule.root):
            if condition.kind.segments(condition):
                continue
            texts = condition.kind.texts(condition)
            for name in condition.kind.facts(condition):
                before, more = asked.get(name, frozenset[str]()), texts.get(name)
                asked[name] = None if before is None or more is None else before | more
    return asked


def _written(node: Node) -> Mapping[str, object]:
    match node:
        case Everyone():
            return {"everyone": True}
        case AllOf(nodes):
            return {"all": [_written(child) for child in nodes]}
        case AnyOf(nodes):
            return {"any": [_written(child) for child in nodes]}
        case Not(child):
            return {"not": _written(child)}
        case Condition():
            return written_condition(node)


def written_condition(condition: Condition) -> dict[str, object]:
    """What JSON holds of a condition."""
    values = condition.values
    fields = {
        field.name: field.write(values[field.name]) for field in condition.kind.fields if field.name in values
    }
    return {"kind": condition.kind.code, "op": condition.operator, **fields}
