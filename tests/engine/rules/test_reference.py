"""docs/reference/rules.md says what the vocabulary has. ``python -m tests.engine.rules.test_reference`` writes its table."""

from __future__ import annotations

import re
from pathlib import Path

from personalization.engine.rules import Field, Kind, default_vocabulary, read_aloud
from tests.engine.rules.cases import rule

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rules.md"
TABLE = re.compile(r"(?<=<!-- kinds -->\n).*?(?=<!-- /kinds -->)", re.DOTALL)
COMPARED = ("at_least", "at_most", "more_than", "less_than", "equals", "between")


def table() -> str:
    head = "| kind | what | `op` | fields |\n|---|---|---|---|\n"
    return head + "".join([f"| {' | '.join(cells(kind))} |\n" for kind in default_vocabulary()])


def cells(kind: Kind) -> tuple[str, str, str, str]:
    operators = tuple([operator.code for operator in kind.operators])
    ops = "compared" if operators == COMPARED else ", ".join([f"`{operator}`" for operator in operators])
    shown = [named(field) for field in kind.fields if field.name not in {"low", "high"}]
    return f"`{kind.code}`", kind.label, ops, ", ".join(shown)


def named(field: Field) -> str:
    choices = f" ({', '.join(field.choices)})" if field.choices else ""
    return f"`{field.name}`{choices}" if field.required else f"[`{field.name}`]"


def test_the_table_is_that_of_the_vocabulary() -> None:
    assert TABLE.findall(PAGE.read_text(encoding="utf-8")) == [table()]


def test_the_example_reads_as_the_page_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    written = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert written
    assert f"> {read_aloud(rule(written[1]))}\n" in page


def test_the_page_is_short() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 150


if __name__ == "__main__":
    PAGE.write_text(TABLE.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
