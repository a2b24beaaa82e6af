"""Segments inside rules: which of them can be evaluated, and whether a rule leads back to itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.rules.facts import Numbers
from personalization.engine.rules.kinds.segment import segment_fact
from personalization.engine.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Column, Columns, Facts
    from personalization.engine.rules.rule import Rule

    Decide = Callable[[Rule, Facts], Truth]
    DecideColumns = Callable[[Rule, Columns], NDArray[np.int8]]

#: Through how many segments a segment may lead; more, or back to itself, and it is unknown.
MAX_CHAIN: Final = 16

_PREFIX = segment_fact("")


def rules_within(rule: Rule, segments: Mapping[str, Rule]) -> Iterator[Rule]:
    """A rule, and those of the segments that it leads to, each once."""
    yield rule
    seen, waiting = set[str](), set(rule.segments)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        if name in segments:
            yield segments[name]
            waiting |= segments[name].segments - seen


def is_finite(name: str, segments: Mapping[str, Rule]) -> bool:
    """Whether what a segment asks for ends after at most MAX_CHAIN steps."""
    level = frozenset({name})
    for _ in range(MAX_CHAIN):
        level = frozenset[str]().union(*(segments[one].segments for one in level if one in segments))
        if not level:
            return True
    return False


def find_cycle(name: str, rule: Rule, segments: Mapping[str, Rule]) -> tuple[str, ...]:
    """The way on which a segment with this name and rule would lead back to itself: first and last name are its own.

    Empty when there is none. ``segments``: the others, by name.
    """
    came_from = dict.fromkeys(sorted(rule.segments), name)
    waiting = list(came_from)
    while waiting and name not in came_from:
        here = waiting.pop(0)
        for below in sorted(segments[here].segments if here in segments else ()):
            if below not in came_from:
                came_from[below] = here
                waiting.append(below)
    if name not in came_from:
        return ()
    way = [name, came_from[name]]
    while way[-1] != name:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))


class _SegmentValues(Mapping[str, object]):
    """Facts of one, and as flags the segments it is in, each evaluated when it is first asked for."""

    __slots__ = ("_decide", "_facts", "_flags", "_segments", "_values")

    def __init__(self, facts: Facts, segments: Mapping[str, Rule], decide: Decide) -> None:
        self._facts = replace(facts, values=self)
        self._values = facts.values
        self._flags: dict[str, bool | None] = {}
        self._segments = segments
        self._decide = decide

    def __getitem__(self, name: str) -> object:
        if not name.startswith(_PREFIX):
            return self._values[name]
        if name not in self._flags:
            self._flags[name] = self._flag(name.removeprefix(_PREFIX))
        return self._flags[name]

    def _flag(self, segment: str) -> bool | None:
        if segment not in self._segments or not is_finite(segment, self._segments):
            return None
        truth = self._decide(self._segments[segment], self._facts)
        return None if truth is Truth.UNKNOWN else truth is Truth.TRUE

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def with_segments(facts: Facts, segments: Mapping[str, Rule], decide: Decide) -> Facts:
    """The facts, and whether each segment holds, should a rule ask."""
    return replace(facts, values=_SegmentValues(facts, segments, decide))


def with_segment_columns(
    columns: Columns, names: Iterable[str], segments: Mapping[str, Rule], decide: DecideColumns
) -> Columns:
    """The columns, and one for each of the segments, and for those that these ask for."""
    extended = replace(columns, columns=dict(columns.columns))
    for name in sorted(names):
        _add_segment(name, extended, segments, decide)
    return extended


def _add_segment(name: str, columns: Columns, segments: Mapping[str, Rule], decide: DecideColumns) -> None:
    known: dict[str, Column] = columns.columns  # type: ignore[assignment]
    if segment_fact(name) in known or name not in segments or not is_finite(name, segments):
        return
    for below in sorted(segments[name].segments):
        _add_segment(below, columns, segments, decide)
    truths = decide(segments[name], columns)
    known[segment_fact(name)] = Numbers((truths == Truth.TRUE).astype(np.int64), truths != Truth.UNKNOWN)
