"""The part of a rule that is about visitors, with the rest left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.engine.rules import AllOf, AnyOf, Condition, Everyone, Not, Scope
from personalization.engine.rules.rule import rule_of

if TYPE_CHECKING:
    from personalization.engine.rules import Node, Rule


def visitor_part(rule: Rule) -> tuple[Rule | None, bool]:
    """The rule as far as visitors decide it, and whether that is less than the whole.

    Whatever else it asks for counts as fulfilled: nobody is left out whose cart may yet be right. None: whoever it is,
    the rule cannot hold.
    """
    found = _part(rule.root, wanted=True)
    if found is rule.root:
        return rule, False
    if isinstance(found, bool):
        return (rule_of(Everyone()) if found else None), True
    return rule_of(found), True


def _part(node: Node, *, wanted: bool) -> Node | bool:
    """The node without conditions on anything but visitors; True or False where these settled it."""
    match node:
        case Condition():
            return node if node.kind.scope is Scope.VISITOR else wanted
        case AllOf(nodes):
            return _joined(node, nodes, wanted=wanted, decisive=False)
        case AnyOf(nodes):
            return _joined(node, nodes, wanted=wanted, decisive=True)
        case Not(child):
            part = _part(child, wanted=not wanted)
            return (not part) if isinstance(part, bool) else node if part is child else Not(part)
        case Everyone():
            return node


def _joined(node: Node, nodes: tuple[Node, ...], *, wanted: bool, decisive: bool) -> Node | bool:
    parts = [_part(child, wanted=wanted) for child in nodes]
    if any(part is decisive for part in parts):
        return decisive
    left = tuple([part for part in parts if not isinstance(part, bool)])
    if not left:
        return not decisive
    if left == nodes:
        return node
    return AnyOf(left) if decisive else AllOf(left)
