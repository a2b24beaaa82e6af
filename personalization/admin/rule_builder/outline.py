"""A stored rule as lines, a condition on each: what people compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.engine.rules import (
    AllOf,
    AnyOf,
    Condition,
    InvalidRuleError,
    Not,
    Scope,
    read_condition,
    read_rule,
)
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.engine.rules import Node

_INDENT = "\N{EM SPACE}\N{EM SPACE}"


def outline(text: str) -> list[str]:
    """The lines of a rule; of one that cannot be read, its text."""
    if not text:
        return [gettext("without conditions")]
    try:
        return list(_lines(read_rule(text, get_vocabulary(), scopes=list(Scope)).root, ""))
    except InvalidRuleError:
        return [text]


def _lines(node: Node, indent: str) -> Iterator[str]:
    match node:
        case Condition():
            yield indent + read_condition(node, translate=gettext)
        case AllOf(nodes):
            yield from _group(gettext("all of these are true"), nodes, indent)
        case AnyOf(nodes):
            yield from _group(gettext("at least one of these is true"), nodes, indent)
        case Not(AnyOf(nodes)):
            yield from _group(gettext("none of these is true"), nodes, indent)
        case Not(child):
            yield from _group(gettext("none of these is true"), (child,), indent)
        case _:
            yield indent + gettext("everyone")


def _group(title: str, nodes: tuple[Node, ...], indent: str) -> Iterator[str]:
    yield f"{indent}{title}:"
    for node in nodes:
        yield from _lines(node, indent + _INDENT)
