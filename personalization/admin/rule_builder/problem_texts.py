"""Problems of a rule in the words of whoever builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.engine.rules import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from personalization.engine.rules import Field, Kind, RuleProblem

_NUMBERS: Final = frozenset({FieldType.WHOLE, FieldType.NUMBER, FieldType.AMOUNT})
_TEXTS: Final[Mapping[str, _StrPromise]] = {
    "required": _("Please fill this in."),
    "kind": _("Please choose what this condition is about."),
    "operator": _("Please choose how to compare."),
    "scope": _("This cannot be asked here."),
    "empty": _("An empty group says nothing: add a condition, or remove the group."),
    "depth": _("The groups are nested too deeply."),
    "nodes": _("These are too many conditions."),
    "size": _("The rule is too long."),
    "count": _("At most 1,000 values."),
    "currency": _("Please write a currency code, such as EUR."),
    "choice": _("Please choose one of these."),
    "time": _("There is no such day or time."),
    "text": _("Please write 1 to 255 characters."),
}
_OF_TYPES: Final[Mapping[FieldType, _StrPromise]] = {
    FieldType.WHOLE: _("Please write a whole number."),
    FieldType.NUMBER: _("Please write a number, such as 12.5."),
    FieldType.AMOUNT: _("Please write an amount, such as 12.50."),
}


def problem_text(problem: RuleProblem, kind: Kind | None) -> str:
    """What is wrong, in the reader's language; what has no words of ours is told as the engine does."""
    field = next((one for one in kind.fields if one.name == problem.field), None) if kind else None
    if problem.code == "range":
        return _range_text(problem, field)
    if problem.code == "text" and field is not None and field.shape:
        return gettext("This is not written as such values are.")
    text = _OF_TYPES.get(field.type) if field and problem.code == "type" else _TEXTS.get(problem.code)
    return problem.message if text is None else str(text)


def _range_text(problem: RuleProblem, field: Field | None) -> str:
    """Out of bounds alone, or together with its neighbor."""
    if field is not None and field.type in _NUMBERS and "must" not in problem.message:
        text = gettext("Please write a number from %(low)s to %(high)s.")
        return text % {"low": f"{field.low:,}", "high": f"{field.high:,}"}
    if field is not None and field.type is FieldType.CLOCK:
        return gettext("Both times are the same.")
    if field is not None and field.type is FieldType.WALL and "must" not in problem.message:
        return gettext("Please choose a year from 1970 to 2999.")
    return gettext("The end comes before the beginning.")
