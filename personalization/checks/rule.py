"""How one setting is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: What is wrong with a value, one text per fault; none when it is right.
    Judge = Callable[[Any], Iterator[str]]

_NAME_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Rule:
    """How one setting is judged, and what to tell whoever got it wrong."""

    id: str
    judge: Judge
    hint: str


def check_id(number: int, level: str = "E") -> str:
    """The stable name of a check; W for what works all the same."""
    return f"personalization.{level}{number:03}"


def is_name(value: object) -> bool:
    """Whether a value may name a slot or a recommender."""
    return isinstance(value, str) and 0 < len(value) <= _NAME_LENGTH


NEEDS_NAMES: Final = f"needs names of 1 to {_NAME_LENGTH} characters"
