"""What is valid and yet hardly meant: whoever lets it work must have seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalization.admin.rule_builder.reading import reading_of
from personalization.engine.rules import read_rule
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from personalization.admin.rule_builder import RuleUse


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning. ``code``: what its tick says; ``ticked``: somebody has seen it."""

    code: str
    text: str
    ticked: bool = False


def doubts_of(rules: Mapping[str, tuple[str, RuleUse]]) -> Iterator[Warned]:
    """What is doubtful about rules, given as texts by the name of their field."""
    for name, (text, use) in rules.items():
        if text:
            rule = read_rule(text, get_vocabulary(), scopes=use.scopes)
            for code, doubt in reading_of(rule, use).doubts:
                yield Warned(f"{name}:{code}", doubt)


def with_ticks(warnings: list[Warned], posted: Any) -> list[Warned]:
    """The warnings, and which of them were ticked."""
    ticks = set(posted.getlist("confirmed"))
    return [Warned(one.code, one.text, one.code in ticks) for one in warnings]
