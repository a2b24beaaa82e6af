"""What the keys in a rule stand for: items and segments by their titles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from personalization.engine import ids
from personalization.engine.rules import AllOf, AnyOf, Condition, Not
from personalization.models import Item, Segment
from personalization.store.bulk import batches
from personalization.store.events import LOOKUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from personalization.admin.rule_builder.row import Rows
    from personalization.engine.rules import Node, Rule, Vocabulary

    #: What a field suggests → key → title.
    Titles = Mapping[str, Mapping[str, str]]


def titles_of(asked: Iterable[tuple[str, str]], *, tenant: str) -> Titles:
    """Of pairs of what a field suggests and a value in it; what has no title is left out."""
    found: dict[str, set[str]] = {"item": set(), "segment": set()}
    for suggests, value in asked:
        if suggests in found:
            found[suggests].add(value)
    return {"item": _items(found["item"], tenant), "segment": _segments(found["segment"], tenant)}


def no_titles(asked: Iterable[tuple[str, str]]) -> Titles:
    """For a builder that no page has told whose titles it shows."""
    return {}


def _items(keys: Collection[str], tenant: str) -> dict[str, str]:
    titles: dict[str, str] = {}
    for some in batches(sorted(map(ids.digest, keys)), LOOKUP):
        rows = Item.objects.filter(tenant=tenant, digest__in=some).exclude(title="")
        titles |= dict(rows.values_list("key", "title"))
    return titles


def _segments(keys: Collection[str], tenant: str) -> dict[str, str]:
    rows = Segment.objects.filter(tenant=tenant, name__in=keys) if keys else Segment.objects.none()
    return dict(rows.values_list("name", "title"))


def values_in(rows: Rows, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """What `titles_of` is to be asked for the rows of a builder."""
    for row in rows.rows:
        kind = vocabulary.find(row.kind)
        for field in kind.fields if kind else ():
            if field.suggests:
                lines = (
                    line.strip() for text in row.values.get(field.name, ()) for line in text.splitlines()
                )
                yield from ((field.suggests, line) for line in lines if line)


def titled(rule: Rule, titles: Titles) -> Rule:
    """The rule with titles in the place of keys: to be read, not to be evaluated."""
    return replace(rule, root=_titled(rule.root, titles))


def _titled(node: Node, titles: Titles) -> Node:
    match node:
        case Condition(kind, _, values):
            named = {one.name: titles.get(one.suggests, {}) for one in kind.fields if one.suggests}
            return replace(
                node, values={name: _named(value, named.get(name, {})) for name, value in values.items()}
            )
        case AllOf(nodes):
            return AllOf(tuple([_titled(child, titles) for child in nodes]))
        case AnyOf(nodes):
            return AnyOf(tuple([_titled(child, titles) for child in nodes]))
        case Not(child):
            return Not(_titled(child, titles))
        case _:
            return node


def _named(value: Any, titles: Mapping[str, str]) -> Any:
    if not titles:
        return value
    if isinstance(value, str):
        return titles.get(value, value)
    return type(value)(titles.get(one, one) for one in value)
