"""A wish as JSON holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from personalization.engine.errors import InvalidInputError
from personalization.engine.knowledge.wish import (
    LONGEST,
    OF_TEXTS,
    Better,
    Change,
    Critique,
    Operator,
    Preference,
    Requirement,
    Utility,
    Wish,
    check_length,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    Part = TypeVar("Part")
    Choice = TypeVar("Choice", bound=StrEnum)

#: How many parts of one sort may be asked for.
MOST_PARTS: Final = 20

_NAMES: Final = ("must", "should", "utility", "like", "critiques")
_OPERATORS: Final = tuple(operator.value for operator in Operator)


def read_wish(asked: Mapping[str, Any]) -> Wish:
    """The wish of ``{"must": […], "should": […], "utility": […], "like": key, "critiques": […]}``, all of them optional.

    A requirement is ``{"field": "price", "at_most": 50}`` or ``{"field": "brand", "is": ["Acme", "Ajax"]}``, in ``should``
    with a ``weight``; a utility ``{"field": "price", "better": "less", "weight": 2, "low": 10, "high": 100}``; a
    critique ``{"field": "price", "change": "less"}``.

    Raises InvalidInputError naming what is wrong by its place: ``must.0.at_most``.
    """
    _check_names("", asked, _NAMES)
    like = asked.get("like") or ""
    if not isinstance(like, str):
        raise InvalidInputError("like", "expected the key of an item", code="not_text")
    return Wish(
        must=_parts(asked, "must", _requirement),
        should=_parts(asked, "should", _preference),
        utility=_parts(asked, "utility", _utility),
        like=like,
        critiques=_parts(asked, "critiques", _critique),
    )


def _parts(
    asked: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], Part]
) -> tuple[Part, ...]:
    listed = asked.get(name, ())
    if not isinstance(listed, list | tuple):
        raise InvalidInputError(name, "expected a list", code="not_list")
    check_length(name, listed, MOST_PARTS)
    return tuple([_placed(f"{name}.{place}", part, read) for place, part in enumerate(listed)])


def _placed(place: str, part: Any, read: Callable[[Mapping[str, Any]], Part]) -> Part:
    """What is wrong is named from the outside inwards."""
    if not isinstance(part, dict):
        raise InvalidInputError(place, "expected an object", code="not_object")
    try:
        return read(part)
    except InvalidInputError as error:
        raise InvalidInputError(f"{place}.{error.field}", error.message, code=error.code) from None


def _requirement(part: Mapping[str, Any], *more: str) -> Requirement:
    _check_names("", part, ("field", *_OPERATORS, *more))
    named = [operator for operator in Operator if operator in part]
    if len(named) != 1:
        raise InvalidInputError("field", f"expected one of {', '.join(_OPERATORS)} beside it", code="not_one")
    (operator,) = named
    value = part[operator]
    try:
        if operator in OF_TEXTS:
            texts = value if isinstance(value, list | tuple) else [value]
            _check_texts(texts)
            return Requirement(_fact(part), operator, texts=tuple(texts))
        return Requirement(_fact(part), operator, number=value)
    except InvalidInputError as error:
        named_by = operator.value if error.field in ("texts", "number") else error.field
        raise InvalidInputError(named_by, error.message, code=error.code) from None


def _preference(part: Mapping[str, Any]) -> Preference:
    return Preference(_requirement(part, "weight"), part.get("weight", 1.0))


def _utility(part: Mapping[str, Any]) -> Utility:
    _check_names("", part, ("field", "better", "weight", "low", "high", "target"))
    return Utility(
        _fact(part),
        _choice(part, "better", Better),
        part.get("weight", 1.0),
        part.get("low"),
        part.get("high"),
        part.get("target"),
    )


def _critique(part: Mapping[str, Any]) -> Critique:
    _check_names("", part, ("field", "change"))
    return Critique(_fact(part), _choice(part, "change", Change))


def _fact(part: Mapping[str, Any]) -> str:
    if "field" not in part:
        raise InvalidInputError("field", "is missing", code="required")
    field: object = part["field"]
    if not isinstance(field, str):
        raise InvalidInputError("field", "expected the name of a fact", code="not_text")
    return field


def _choice(part: Mapping[str, Any], name: str, choices: type[Choice]) -> Choice:
    if name not in part:
        raise InvalidInputError(name, "is missing", code="required")
    try:
        return choices(part[name])
    except ValueError:
        known = ", ".join(choices)
        raise InvalidInputError(name, f"expected one of {known}", code="unknown") from None


def _check_texts(texts: list[Any] | tuple[Any, ...]) -> None:
    if not all(isinstance(text, str) for text in texts):
        raise InvalidInputError("texts", f"expected texts of at most {LONGEST} characters", code="not_text")


def _check_names(place: str, part: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in part:
        if name not in names:
            raise InvalidInputError(f"{place}{str(name)[:80]}", "there is no such field", code="unknown")
