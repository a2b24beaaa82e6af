"""What a builder's inputs say when its form comes back: rows, what was pressed, and what else was asked."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from personalization.admin.rule_builder.row import JOINTS, Row, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from personalization.engine.rules import RuleProblem

#: A row's own input: id, id of its group, g(roup) or c(ondition).
_ROW: Final = re.compile(r"([0-9]{1,5}):([0-9]{0,5}):([gc])")
_FIELD: Final = re.compile(r"([0-9]{1,5})-(?:f-([a-z_]{1,40})|(joint|kind|op))")


@dataclass(frozen=True, slots=True)
class Posted:
    """A builder as it stands. ``act``: the button that was pressed; ``trial``: for whom it is tried; ``problems``: what
    is wrong with each row, by its id; ``focus``: the input that the page goes to; ``unreadable``: the text of a stored
    rule that cannot be shown; ``replaced``: the rows shall take its place; ``counted`` and ``tried``: the page shows who
    matches, and whether somebody would."""

    rows: Rows = field(default_factory=Rows)
    act: str = ""
    trial: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, tuple[RuleProblem, ...]] = field(default_factory=dict)
    focus: str = ""
    unreadable: str = ""
    replaced: bool = False
    counted: bool = False
    tried: bool = False

    def acted(self) -> Posted:
        """After a button that changes the rows."""
        verb, _, id_ = self.act.partition(":")
        row = self.rows.find(id_)
        change = _ACTS.get(verb)
        return self if row is None or change is None else change(self, row)


def read_posted(data: Any, prefix: str) -> Posted:
    """The builder with a prefix in a form's data."""
    fields: dict[str, dict[str, list[str]]] = defaultdict(dict)
    own: dict[str, dict[str, str]] = defaultdict(dict)
    for name in data:
        found = _FIELD.fullmatch(name.removeprefix(f"{prefix}-")) if name.startswith(f"{prefix}-") else None
        if found and found[3]:
            own[found[1]][found[3]] = data.get(name)
        elif found:
            fields[found[1]][found[2]] = data.getlist(name)
    rows = Rows.of(_rows(data.getlist(f"{prefix}-row"), own, fields))
    trial = {part: data.get(f"{prefix}-try-{part}", "") for part in ("who", "as", "at", "cart")}
    return Posted(
        rows,
        data.get(f"{prefix}-act", ""),
        trial,
        unreadable=data.get(f"{prefix}-unreadable", ""),
        replaced=bool(data.get(f"{prefix}-replace")),
        counted=bool(data.get(f"{prefix}-counted")),
        tried=bool(data.get(f"{prefix}-tried")),
    )


def _rows(
    heads: list[str], own: Mapping[str, dict[str, str]], fields: Mapping[str, dict[str, list[str]]]
) -> Iterator[Row]:
    for head in heads:
        found = _ROW.fullmatch(head)
        if not found:
            continue
        id_, parent, sort = found.groups()
        said = own.get(id_, {})
        if sort == "g":
            joint = said.get("joint", "")
            yield Row(id_, parent, joint if joint in JOINTS else "all")
        else:
            yield Row(id_, parent, "", said.get("kind", ""), said.get("op", ""), fields.get(id_, {}))


def _add(posted: Posted, row: Row) -> Posted:
    return _grown(posted, Row(posted.rows.new_id(), row.id), "kind") if row.is_group else posted


def _group(posted: Posted, row: Row) -> Posted:
    """With a first condition inside, because an empty group says nothing."""
    if not row.is_group:
        return posted
    group = Row(posted.rows.new_id(), row.id, joint="any")
    return _add(_grown(posted, group, "joint"), group)


def _grown(posted: Posted, row: Row, part: str) -> Posted:
    if posted.rows.is_full:
        return posted
    return replace(posted, rows=posted.rows.with_row(row), focus=f"{row.id}-{part}")


def _remove(posted: Posted, row: Row) -> Posted:
    """The page goes on to where the next condition would be added."""
    if not row.parent:
        return posted
    return replace(posted, rows=posted.rows.without(row.id), focus=f"{row.parent}-add")


def _show(posted: Posted, row: Row) -> Posted:
    return replace(posted, focus=f"{row.id}-fields")


def _compare(posted: Posted, row: Row) -> Posted:
    return replace(posted, focus=f"{row.id}-op")


_ACTS: Final = {"add": _add, "group": _group, "remove": _remove, "show": _show, "compare": _compare}
