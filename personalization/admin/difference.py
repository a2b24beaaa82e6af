"""What differs between two versions, as people read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from personalization.admin.rule_builder.outline import outline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.utils.functional import _StrPromise

    Show = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Line:
    """``sign``: "+" is new, "-" is gone, "" stays."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A part that differs, with its lines before and after."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a content. ``show``: its text; without, the part is a rule."""

    name: str
    label: _StrPromise | str
    show: Show | None = None

    def lines(self, content: Mapping[str, Any]) -> list[str]:
        return outline(content[self.name]) if self.show is None else self.show(content).splitlines() or ["–"]


def differences(old: str, new: str, parts: tuple[Part, ...]) -> list[Change]:
    """The parts that differ between two contents, given as their JSON."""
    before, after = json.loads(old), json.loads(new)
    changes = []
    for part in parts:
        lines = tuple(_lines(part.lines(before), part.lines(after)))
        if any(line.sign for line in lines):
            changes.append(Change(str(part.label), lines))
    return changes


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line("", text) for text in old[a:b])
        else:
            yield from (Line("-", text) for text in old[a:b])
            yield from (Line("+", text) for text in new[c:d])
