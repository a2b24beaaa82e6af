"""A rule in plain words."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Not
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from personalization.engine.rules.node import Node
    from personalization.engine.rules.rule import Rule
    from personalization.engine.rules.words import Translate

_EVERYONE = gettext_noop("everyone")
_AND = gettext_noop("{first}, and {next}")
_OR = gettext_noop("{first}, or {next}")
_NOT = gettext_noop("it is not so that {sentence}")
_GROUP = gettext_noop("({sentence})")


def read_aloud(rule: Rule, *, translate: Translate = str) -> str:
    """The whole rule as one sentence. ``translate``: from our English texts into the reader's language."""
    return _sentence(rule.root, translate)


def read_condition(condition: Condition, *, translate: Translate = str) -> str:
    """One condition as a sentence."""
    return condition.kind.sentence(condition, translate)


def _sentence(node: Node, translate: Translate) -> str:
    match node:
        case Condition():
            return read_condition(node, translate=translate)
        case AllOf(nodes):
            return _chained(nodes, _AND, translate)
        case AnyOf(nodes):
            return _chained(nodes, _OR, translate)
        case Not(child):
            return translate(_NOT).format(sentence=_part(child, translate))
        case Everyone():
            return translate(_EVERYONE)


def _chained(nodes: tuple[Node, ...], joint: str, translate: Translate) -> str:
    parts = [_part(node, translate) for node in nodes]
    return reduce(lambda first, next_: translate(joint).format(first=first, next=next_), parts)


def _part(node: Node, translate: Translate) -> str:
    """A node inside another: several conditions in parentheses, so that nothing is read in two ways."""
    sentence = _sentence(node, translate)
    several = isinstance(node, AllOf | AnyOf) and len(node.nodes) > 1
    return translate(_GROUP).format(sentence=sentence) if several else sentence
