"""The inputs of a condition, made from what its kind says of its fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from personalization.engine.rules import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalization.admin.rule_builder.row import Row
    from personalization.admin.rule_builder.titles import Titles
    from personalization.engine.rules import Field, Kind

#: How each type is typed in; the templates stand in ``inputs/``.
_TYPES: Final[Mapping[FieldType, str]] = {
    FieldType.WHOLE: "number",
    FieldType.NUMBER: "number",
    FieldType.AMOUNT: "number",
    FieldType.CURRENCY: "currency",
    FieldType.TEXT: "text",
    FieldType.TEXTS: "texts",
    FieldType.WALL: "wall",
    FieldType.CLOCK: "clock",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the few texts there are."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """An input, or several that are one value. ``template``: how it is shown; ``errors``: what is wrong with it; ``titles``: what
    values in it stand for."""

    name: str
    id: str
    label: str
    template: str
    texts: Sequence[str]
    required: bool
    suggests: str
    choices: tuple[Choice, ...]
    errors: tuple[str, ...]
    titles: Mapping[str, str]

    @property
    def titles_text(self) -> str:
        """For the script: JSON."""
        return json.dumps(self.titles, ensure_ascii=False) if self.titles else ""

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def second(self) -> str:
        """The time of a day."""
        return self.texts[1] if len(self.texts) > 1 else ""

    @property
    def lines(self) -> int:
        """How high a text of lines is shown."""
        return min(max(2, self.text.count("\n") + 1), 8)


def inputs_of(
    kind: Kind, row: Row, prefix: str, errors: Mapping[str, tuple[str, ...]], currency: str, titles: Titles
) -> list[Input]:
    """The inputs of a condition in the order of its fields. ``currency``: what stands where none was typed yet."""
    return [
        _input(field, _texts(field, row, currency), f"{prefix}-{row.id}-f-{field.name}", errors, titles)
        for field in kind.fields
        if field.takes_part(row.operator)
    ]


def kept_values(kind: Kind | None, row: Row, prefix: str) -> list[tuple[str, str]]:
    """Names and values of what was typed for another comparison, so that going back finds it again."""
    shown = {field.name for field in kind.fields if field.takes_part(row.operator)} if kind else set()
    return [
        (f"{prefix}-{row.id}-f-{name}", text)
        for name, texts in row.values.items()
        if name not in shown
        for text in texts
        if text
    ]


def _texts(field: Field, row: Row, currency: str) -> Sequence[str]:
    if field.type is FieldType.CURRENCY and field.name not in row.values:
        return [currency]
    return row.values.get(field.name, ())


def _input(
    field: Field, texts: Sequence[str], name: str, errors: Mapping[str, tuple[str, ...]], titles: Titles
) -> Input:
    typed = {line.strip() for text in texts for line in text.splitlines()}
    choices = tuple(Choice(value, gettext(label), value in texts) for value, label in field.choices.items())
    return Input(
        name=name,
        id=f"id_{name}",
        label=gettext(field.label),
        template=f"admin/personalization/rule_builder/inputs/{_template(field)}.html",
        texts=texts,
        required=field.required,
        suggests=field.suggests,
        choices=choices,
        errors=errors.get(field.name, ()),
        titles={key: one for key, one in titles.get(field.suggests, {}).items() if key in typed},
    )


def _template(field: Field) -> str:
    if field.choices:
        return "checks" if field.type is FieldType.TEXTS else "select"
    return _TYPES[field.type]
