"""What somebody wants of an item."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sized

#: Facts of items that hold text; besides, ``attribute:<name>``.
TEXTS: Final = ("category", "brand", "tags")
PRICE: Final = "price"
ATTRIBUTE: Final = "attribute:"
#: The longest name of an attribute, and the longest text that a fact is compared with.
LONGEST: Final = 255
#: How many texts one requirement may name, and how many musts a wish may hold: one bit each.
MOST_TEXTS: Final = 50
MOST_MUSTS: Final = 64
#: Weights and numbers beyond are mistakes.
_LARGEST: Final = 1e12


class Operator(StrEnum):
    """How a fact is compared. What is not known of an item satisfies nothing."""

    IS = "is"
    IS_NOT = "is_not"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    LESS = "less_than"
    MORE = "more_than"


#: Those that compare texts; the others compare numbers.
OF_TEXTS: Final = (Operator.IS, Operator.IS_NOT)


class Better(StrEnum):
    """Which numbers somebody likes best."""

    LESS = "less"
    MORE = "more"
    NEAR = "near"


class Change(StrEnum):
    """How an item should differ from another one."""

    LESS = "less"
    MORE = "more"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on one fact of an item.

    field    : "category", "brand", "tags", "price" or "attribute:<name>"
    operator : "is" and "is_not" compare ``texts``, whose case does not matter; the others compare ``number``
    texts    : one of them ("is"), none of them ("is_not")
    number   : what a price in major units, or the number that an attribute begins with, is compared with

    Raises InvalidInputError naming ``field``, the operator, ``texts`` or ``number``.
    """

    field: str
    operator: Operator
    texts: tuple[str, ...] = ()
    number: float | None = None

    def __post_init__(self) -> None:
        check_fact(self.field)
        if self.operator in OF_TEXTS:
            if self.field == PRICE:
                raise InvalidInputError(self.operator, "a price is compared with numbers", code="no_text")
            _check_texts(self.texts)
        elif self.field in TEXTS:
            raise InvalidInputError(self.operator, f"{self.field!r} is compared with texts", code="no_number")
        else:
            check_number("number", self.number)


@dataclass(frozen=True, slots=True)
class Preference:
    """A requirement that need not be met; ``weight`` > 0: how much it counts."""

    requirement: Requirement
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_number("weight", self.weight, above=0.0)


@dataclass(frozen=True, slots=True)
class Utility:
    """How good a number is: 0 … 1 between ``low`` and ``high``, weighed.

    field  : "price" or "attribute:<name>"
    better : "less": 1 at ``low`` and below, 0 at ``high`` and above; "more": the other way round; "near":
             ``exp(-|x - target| / (high - low))``
    low, high : None: the least and the largest number of the items that meet the musts
    target : what "near" means

    Raises InvalidInputError naming the parameter.
    """

    field: str
    better: Better
    weight: float = 1.0
    low: float | None = None
    high: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        check_fact(self.field)
        if self.field in TEXTS:
            raise InvalidInputError("field", f"{self.field!r} holds no numbers", code="no_number")
        check_number("weight", self.weight, above=0.0)
        for name in ("low", "high"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name))
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise InvalidInputError("high", "must be more than low", code="out_of_range")
        if (self.better == Better.NEAR) != (self.target is not None):
            code = "required" if self.target is None else "unknown"
            raise InvalidInputError("target", "belongs to 'near', and only to it", code=code)
        if self.target is not None:
            check_number("target", self.target)


@dataclass(frozen=True, slots=True)
class Critique:
    """How the item sought should differ from the one at hand: cheaper is price, less.

    ``change``: "less" and "more" compare numbers, "other" texts. Raises InvalidInputError naming the parameter.
    """

    field: str
    change: Change

    def __post_init__(self) -> None:
        check_fact(self.field)
        if self.field == PRICE if self.change == Change.OTHER else self.field in TEXTS:
            raise InvalidInputError("change", f"{self.field!r} cannot be {self.change!r}", code="unknown")


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything that is wanted.

    must      : conditions; where no item meets them all, as few as possible are given up, the last named first
    should    : what counts besides
    utility   : which numbers are better
    like      : the key of an item that the one sought should resemble
    critiques : but differ from in this

    Raises InvalidInputError naming the part.
    """

    must: tuple[Requirement, ...] = ()
    should: tuple[Preference, ...] = ()
    utility: tuple[Utility, ...] = ()
    like: str = ""
    critiques: tuple[Critique, ...] = ()

    def __post_init__(self) -> None:
        check_length("must", self.must, MOST_MUSTS)
        if self.critiques and not self.like:
            raise InvalidInputError("like", "critiques need an item to differ from", code="required")


def check_fact(field: str) -> None:
    """Raise InvalidInputError naming ``field`` unless it is a fact of items."""
    name = field.removeprefix(ATTRIBUTE)
    attribute = field.startswith(ATTRIBUTE) and 0 < len(name) <= LONGEST
    if not attribute and field not in (*TEXTS, PRICE):
        known = ", ".join((*TEXTS, PRICE, f"{ATTRIBUTE}<name>"))
        raise InvalidInputError("field", f"there is no {field[:80]!r}; known: {known}", code="unknown")


def check_number(name: str, number: object, *, above: float = -math.inf) -> None:
    """Raise InvalidInputError naming the parameter unless it is a finite number of usual size, more than ``above``."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InvalidInputError(name, f"expected a number, got {number!r}", code="not_number")
    if not abs(number) <= _LARGEST or number <= above:
        raise InvalidInputError(name, f"{number!r} is out of range", code="out_of_range")


def check_length(name: str, parts: Sized, most: int) -> None:
    """Raise InvalidInputError naming the part that is longer than usual."""
    if len(parts) > most:
        raise InvalidInputError(name, f"at most {most} are expected", code="too_long")


def _check_texts(texts: tuple[str, ...]) -> None:
    if not texts or not all(text.strip() for text in texts):
        raise InvalidInputError("texts", "expected texts that are not empty", code="required")
    check_length("texts", texts, MOST_TEXTS)
    if any(len(text) > LONGEST for text in texts):
        raise InvalidInputError("texts", f"a text is longer than {LONGEST} characters", code="too_long")
