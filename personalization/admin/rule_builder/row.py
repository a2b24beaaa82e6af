"""The rows of a builder: what a form says of each group and each condition, however unfinished."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalization.engine.rules import Kind, Vocabulary

#: The group that every builder has.
ROOT: Final = "0"
#: More rows are not edited in a form: Django reads at most 1,000 inputs, and a page may have two builders.
MAX_ROWS: Final = 100
#: How the nodes of a group are joined.
JOINTS: Final = ("all", "any", "none")


@dataclass(frozen=True, slots=True)
class Row:
    """A group (``joint`` says how its rows are joined) or a condition. ``values``: texts by field, as they are typed."""

    id: str
    parent: str = ""
    joint: str = ""
    kind: str = ""
    operator: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        return bool(self.joint)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows in the order they are shown; the first is the root."""

    rows: tuple[Row, ...] = (Row(ROOT, joint="all"),)

    @classmethod
    def of(cls, found: Iterable[Row]) -> Rows:
        """The root, and those rows whose parent is a group that came before them."""
        rows: dict[str, Row] = {}
        for row in found:
            parent = rows.get(row.parent)
            if row.id == ROOT and not rows:
                rows[ROOT] = replace(row, parent="", joint=row.joint or "all")
            elif row.id not in rows and parent is not None and parent.is_group and len(rows) < MAX_ROWS:
                rows[row.id] = row
        return cls(tuple(rows.values())) if rows else cls()

    @property
    def root(self) -> Row:
        return self.rows[0]

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= MAX_ROWS

    def find(self, id_: str) -> Row | None:
        return next((row for row in self.rows if row.id == id_), None)

    def below(self, id_: str) -> list[Row]:
        """The rows directly inside a group."""
        return [row for row in self.rows if row.parent == id_]

    def with_row(self, row: Row) -> Rows:
        """With one more row at the end of its group."""
        return Rows((*self.rows, row))

    def without(self, id_: str) -> Rows:
        """Without a row and everything inside it."""
        gone: set[str] = {id_}
        kept = []
        for row in self.rows:
            if row.id in gone or row.parent in gone:
                gone.add(row.id)
            else:
                kept.append(row)
        return Rows(tuple(kept))

    def settled(self, vocabulary: Vocabulary) -> Rows:
        """With a comparison wherever there is a kind: its first one, until another is chosen."""
        return Rows(tuple([_settled(row, vocabulary.find(row.kind)) for row in self.rows]))

    def new_id(self) -> str:
        """An id that no row has."""
        return str(1 + max(int(row.id) for row in self.rows))


def _settled(row: Row, kind: Kind | None) -> Row:
    if kind is None or row.operator in {operator.code for operator in kind.operators}:
        return row
    return replace(row, operator=kind.operators[0].code)
