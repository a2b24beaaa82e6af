"""A builder as its templates show it: every group and condition with labels, inputs and errors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.rule_builder.inputs import Choice, Input, inputs_of, kept_values
from personalization.admin.rule_builder.problem_texts import problem_text
from personalization.engine.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from personalization.admin.rule_builder.posted import Posted
    from personalization.admin.rule_builder.row import Row
    from personalization.admin.rule_builder.titles import Titles
    from personalization.admin.rule_builder.use import RuleUse
    from personalization.engine.rules import Kind, RuleProblem, Vocabulary

_SCOPES: Final[Mapping[Scope, _StrPromise]] = {
    Scope.VISITOR: _("Visitor"),
    Scope.CART: _("Cart"),
    Scope.ITEM: _("Item"),
    Scope.CONTEXT: _("Time and place"),
}
_JOINTS: Final[Mapping[str, _StrPromise]] = {
    "all": _("all of these are true"),
    "any": _("at least one of these is true"),
    "none": _("none of these is true"),
}


@dataclass(frozen=True, slots=True)
class RowView:
    """``head``: the row's own input; ``number``: how people are told which row; ``focus``: which of its inputs the page
    goes to."""

    id: str
    head: str
    number: str
    label: str
    is_group: bool
    is_root: bool
    choices: Sequence[tuple[str, Sequence[Choice]]]
    joints: Sequence[Choice]
    operators: Sequence[Choice]
    inputs: Sequence[Input]
    kept: Sequence[tuple[str, str]]
    errors: Sequence[str]
    below: Sequence[RowView]
    focus: str

    @property
    def shape(self) -> str:
        """The template that shows it."""
        return f"admin/personalization/rule_builder/{'group' if self.is_group else 'condition'}.html"

    @property
    def first_input(self) -> str:
        """The id of the input that is typed in first."""
        return self.inputs[0].id if self.inputs else ""


class RowViews:
    """Makes them from what was posted."""

    def __init__(
        self,
        posted: Posted,
        prefix: str,
        use: RuleUse,
        vocabulary: Vocabulary,
        *,
        currency: str = "",
        titles: Titles | None = None,
    ) -> None:
        self._posted = posted
        self._prefix = prefix
        self._vocabulary = vocabulary
        self._currency = currency
        self._titles = titles or {}
        self._kinds: dict[Scope, list[Kind]] = defaultdict(list)
        for kind in vocabulary.in_scopes(use.scopes):
            self._kinds[kind.scope].append(kind)

    def root(self) -> RowView:
        return self._view(self._posted.rows.root, "", 1)

    def errors(self) -> list[str]:
        """Everything that is wrong, each with the row that it is about."""
        return _errors(self.root())

    def _view(self, row: Row, number: str, place: int) -> RowView:
        number = f"{number}.{place}".lstrip(".") if row.parent else ""
        kind = None if row.is_group else self._vocabulary.find(row.kind)
        problems = self._posted.problems.get(row.id, ())
        by_field = _by_field(problems, kind)
        inside = self._posted.rows.below(row.id)
        return RowView(
            id=row.id,
            head=f"{row.id}:{row.parent}:{'g' if row.is_group else 'c'}",
            number=number,
            label=_label(row, kind, number),
            is_group=row.is_group,
            is_root=not row.parent,
            choices=() if row.is_group else self._choices(row),
            joints=[Choice(code, str(text), code == row.joint) for code, text in _JOINTS.items()],
            operators=_operators(row, kind),
            inputs=self._inputs(row, kind, by_field) if kind else (),
            kept=kept_values(kind, row, self._prefix),
            errors=by_field.get("", ()),
            below=[self._view(child, number, 1 + at) for at, child in enumerate(inside)],
            focus=_focus(self._posted.focus, row.id),
        )

    def _inputs(self, row: Row, kind: Kind, errors: Mapping[str, tuple[str, ...]]) -> list[Input]:
        return inputs_of(kind, row, self._prefix, errors, self._currency, self._titles)

    def _choices(self, row: Row) -> list[tuple[str, list[Choice]]]:
        return [
            (
                str(_SCOPES[scope]),
                [Choice(one.code, gettext(one.label), one.code == row.kind) for one in kinds],
            )
            for scope, kinds in sorted(self._kinds.items(), key=lambda found: list(_SCOPES).index(found[0]))
        ]


def _errors(view: RowView) -> list[str]:
    told = [f"{view.label}: {text}" for text in view.errors]
    told += [f"{view.label}, {one.label}: {text}" for one in view.inputs for text in one.errors]
    return told + [error for below in view.below for error in _errors(below)]


def _operators(row: Row, kind: Kind | None) -> list[Choice]:
    """What a condition can compare by; where there is but one way, nothing is chosen."""
    if kind is None:
        return []
    return [Choice(one.code, gettext(one.label), one.code == row.operator) for one in kind.operators]


def _label(row: Row, kind: Kind | None, number: str) -> str:
    if not row.parent:
        return gettext("The rule")
    if row.is_group:
        return gettext("Group %(number)s") % {"number": number}
    if kind is None:
        return gettext("Condition %(number)s") % {"number": number}
    text = gettext("Condition %(number)s, %(kind)s")
    return text % {"number": number, "kind": gettext(kind.label)}


def _focus(focus: str, id_: str) -> str:
    row, _, part = focus.partition("-")
    return part if row == id_ else ""


def _by_field(problems: Sequence[RuleProblem], kind: Kind | None) -> dict[str, tuple[str, ...]]:
    """What is wrong, by the field it stands at; '' for the row itself. Each thing once, whatever the number of values."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    names = {field.name for field in kind.fields} if kind else set()
    for problem in problems:
        at = problem.field if problem.field in names else ""
        found[at][problem_text(problem, kind)] = None
    return {field: tuple(texts) for field, texts in found.items()}
