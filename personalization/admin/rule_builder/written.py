"""Rows ⇄ the JSON text of a rule, and which row each place in the text came from."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from personalization.admin.rule_builder.row import MAX_ROWS, ROOT, Row, Rows
from personalization.engine.rules import AllOf, AnyOf, Condition, Everyone, FieldType, Not

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from personalization.admin.rule_builder.use import RuleUse
    from personalization.engine.rules import Field, Node, Rule, Vocabulary

_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_LINES: Final = re.compile(r"\r\n|\r|\n")


class NotEditableError(Exception):
    """A rule that is valid, and yet cannot be shown as rows."""


@dataclass(frozen=True, slots=True)
class Written:
    """``text``: JSON; ``places``: JSON pointer → id of the row that stands there."""

    text: str
    places: Mapping[str, str] = field(default_factory=dict)

    def row_at(self, pointer: str) -> str:
        """The row that a place belongs to."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, ROOT)


def write_rows(rows: Rows, use: RuleUse, vocabulary: Vocabulary) -> Written:
    """The text of rows, however wrong: reading it tells what is."""
    writer = _Writer(rows, vocabulary)
    if not rows.below(ROOT):
        return Written(use.empty)
    top = rows.root
    while top.joint == "all" and len(rows.below(top.id)) == 1:  # all of one is that one
        (top,) = rows.below(top.id)
    return Written(json.dumps(writer.node(top, ""), ensure_ascii=False), writer.places)


class _Writer:
    def __init__(self, rows: Rows, vocabulary: Vocabulary) -> None:
        self.places: dict[str, str] = {}
        self._rows = rows
        self._vocabulary = vocabulary

    def node(self, row: Row, pointer: str) -> object:
        self.places[pointer] = row.id
        return self._group(row, pointer) if row.is_group else self._condition(row)

    def _group(self, row: Row, pointer: str) -> object:
        inside = self._rows.below(row.id)
        if row.joint != "none":
            return {row.joint: self._nodes(inside, f"{pointer}/{row.joint}")}
        if len(inside) == 1:
            return {"not": self.node(inside[0], f"{pointer}/not")}
        return {"not": {"any": self._nodes(inside, f"{pointer}/not/any")}}

    def _nodes(self, rows: list[Row], pointer: str) -> list[object]:
        return [self.node(row, f"{pointer}/{place}") for place, row in enumerate(rows)]

    def _condition(self, row: Row) -> object:
        kind = self._vocabulary.find(row.kind)
        fields = [one for one in kind.fields if one.takes_part(row.operator)] if kind else []
        values = {one.name: _json_of(one, row.values.get(one.name, ())) for one in fields}
        said = {name: value for name, value in values.items() if value is not None}
        return {"kind": row.kind, "op": row.operator, **said}


def _json_of(field_: Field, texts: Sequence[str]) -> object:
    """What was typed as JSON; None where nothing was."""
    if field_.type is FieldType.TEXTS:
        lines = [line.strip() for text in texts for line in _LINES.split(text)]
        return [line for line in lines if line] or None
    said = [text.strip() for text in texts if text.strip()]
    if not said:
        return None
    if field_.type is FieldType.WHOLE:
        return int(said[0]) if _WHOLE.fullmatch(said[0]) else said[0]
    if field_.type is FieldType.CURRENCY:
        return said[0].upper()
    return "T".join(said) if field_.type is FieldType.WALL else said[0]


def rows_of(rule: Rule) -> Rows:
    """A rule as rows.

    Raises NotEditableError when it has too many, or values that inputs would change.
    """
    root = rule.root
    if isinstance(root, Everyone):
        return Rows()
    whole = root if isinstance(root, AllOf | AnyOf | Not) else AllOf((root,))
    rows = tuple(_Reader().rows(whole, ""))
    if len(rows) > MAX_ROWS:
        raise NotEditableError
    return Rows(rows)


class _Reader:
    def __init__(self) -> None:
        self._next = int(ROOT)

    def rows(self, node: Node, parent: str) -> Iterator[Row]:
        id_ = str(self._next)
        self._next += 1
        match node:
            case Condition():
                yield _row_of(node, id_, parent)
            case AllOf(nodes):
                yield from self._group(nodes, id_, parent, "all")
            case AnyOf(nodes):
                yield from self._group(nodes, id_, parent, "any")
            case Not(AnyOf(nodes)):
                yield from self._group(nodes, id_, parent, "none")
            case Not(child):
                yield from self._group((child,), id_, parent, "none")

    def _group(self, nodes: tuple[Node, ...], id_: str, parent: str, joint: str) -> Iterator[Row]:
        yield Row(id_, parent, joint)
        for node in nodes:
            yield from self.rows(node, id_)


def _row_of(condition: Condition, id_: str, parent: str) -> Row:
    fields = [one for one in condition.kind.fields if one.name in condition.values]
    values = {one.name: _texts_of(one, condition.values[one.name]) for one in fields}
    return Row(id_, parent, "", condition.kind.code, condition.operator, values)


def _texts_of(field_: Field, value: object) -> list[str]:
    """What inputs hold of a value."""
    written: Any = field_.write(value)
    texts = written if isinstance(written, list) else [str(written)]
    if any(text != text.strip() or len(_LINES.split(text)) > 1 for text in texts):
        raise NotEditableError
    if field_.type is FieldType.TEXTS and not field_.choices:
        return ["\n".join(texts)]
    return texts[0].split("T") if field_.type is FieldType.WALL else texts
