"""What is valid in a rule, and yet hardly meant: warnings for whoever writes it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.engine.rules.kinds.dates import ContextDates
from personalization.engine.rules.node import AllOf, Condition, Everyone, children, conditions
from personalization.engine.rules.wall_time import instant_of, is_repeated, is_skipped, zone_named
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from personalization.engine.rules.node import Node
    from personalization.engine.rules.rule import Rule

#: What each code means; texts without placeholders, so that they can be translated as they are.
MESSAGES: Final = {
    "everyone": gettext_noop("This is true of everyone."),
    "never": gettext_noop("These conditions can never all be true at once."),
    "over": gettext_noop("These dates are over."),
    "no_end": gettext_noop("These dates have no end."),
    "skipped": gettext_noop(
        "The clock skips this time on that day; the moment of the change counts instead."
    ),
    "repeated": gettext_noop("The clock shows this time twice on that day; the first time counts."),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something doubtful. ``path``: JSON pointer; ``code`` is stable for programs; ``message`` stands in MESSAGES."""

    path: str
    code: str
    message: str


def find_doubts(rule: Rule, *, zone: str = "UTC", now: int | None = None) -> tuple[Doubt, ...]:
    """Everything doubtful. ``zone``: the shop's; ``now`` (UTC microseconds): also tell what is over by then.

    Raises InvalidInputError naming ``zone`` when there is no such zone.
    """
    zone_named(zone)
    found = [*_contradictions(rule.root, ""), *_dates(rule, zone, now)]
    if isinstance(rule.root, Everyone):
        found.append(("", "everyone"))
    return tuple([Doubt(path, code, MESSAGES[code]) for path, code in sorted(found)])


def _contradictions(node: Node, path: str) -> Iterator[tuple[str, str]]:
    """The groups whose conditions, with those of groups of the same sort inside them, exclude one another."""
    if isinstance(node, AllOf):
        about: dict[tuple[str, Hashable], list[Condition]] = defaultdict(list)
        for condition in _together(node):
            about[condition.kind.code, condition.kind.about(condition)].append(condition)
        if any(found[0].kind.contradict(found) for found in about.values() if len(found) > 1):
            yield path, "never"
            return
    for below, child in children(node, path):
        yield from _contradictions(child, below)


def _together(node: AllOf) -> Iterator[Condition]:
    for child in node.nodes:
        if isinstance(child, Condition):
            yield child
        elif isinstance(child, AllOf):
            yield from _together(child)


def _dates(rule: Rule, zone: str, now: int | None) -> Iterator[tuple[str, str]]:
    for path, condition in conditions(rule.root):
        kind = condition.kind
        if not isinstance(kind, ContextDates):
            continue
        end = kind.end(condition)
        if end is None:
            yield path, "no_end"
        elif now is not None and instant_of(end, zone) <= now:
            yield path, "over"
        if any(is_skipped(wall, zone) for wall in kind.walls(condition)):
            yield path, "skipped"
        if any(is_repeated(wall, zone) for wall in kind.walls(condition)):
            yield path, "repeated"
