"""The nodes that a rule is a tree of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from personalization.engine.rules.kind import Kind


@dataclass(frozen=True, slots=True)
class Everyone:
    """Holds for everyone; only at the root."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every node does."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when one node does."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when the node does not."""

    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One typed comparison. ``values``: by field name; a field that may be left out and was is absent."""

    kind: Kind
    operator: str
    values: Mapping[str, object]


Node = Everyone | AllOf | AnyOf | Not | Condition


def children(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """The nodes directly below one, each with its JSON pointer."""
    match node:
        case AllOf(nodes):
            yield from ((f"{path}/all/{place}", child) for place, child in enumerate(nodes))
        case AnyOf(nodes):
            yield from ((f"{path}/any/{place}", child) for place, child in enumerate(nodes))
        case Not(child):
            yield f"{path}/not", child


def conditions(node: Node, path: str = "") -> Iterator[tuple[str, Condition]]:
    """Every condition of the tree, in the order it is written, each with its JSON pointer."""
    if isinstance(node, Condition):
        yield path, node
    for below, child in children(node, path):
        yield from conditions(child, below)
