"""Comparing one number with another: what all kinds that measure something have in common."""

from __future__ import annotations

import operator
from abc import abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.truth import Truth, truth_columns
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition

OPERATORS: Final = (
    Operator("at_least", gettext_noop("is at least")),
    Operator("at_most", gettext_noop("is at most")),
    Operator("more_than", gettext_noop("is more than")),
    Operator("less_than", gettext_noop("is less than")),
    Operator("equals", gettext_noop("is exactly")),
    Operator("between", gettext_noop("is between")),
)

SENTENCES: Final = {
    "at_least": gettext_noop("{subject} is at least {value}"),
    "at_most": gettext_noop("{subject} is at most {value}"),
    "more_than": gettext_noop("{subject} is more than {value}"),
    "less_than": gettext_noop("{subject} is less than {value}"),
    "equals": gettext_noop("{subject} is exactly {value}"),
    "between": gettext_noop("{subject} is between {low} and {high}"),
}

_VALUE = ("at_least", "at_most", "more_than", "less_than", "equals")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "more_than": operator.gt,
    "less_than": operator.lt,
    "equals": operator.eq,
}
_LOWER = frozenset({"at_least", "more_than"})


def bound_fields(type_: FieldType, label: str) -> tuple[Field, ...]:
    """``value``, and ``low`` and ``high`` for what is between."""
    return (
        Field("value", type_, label, operators=_VALUE),
        Field("low", type_, gettext_noop("From"), operators=("between",)),
        Field("high", type_, gettext_noop("To"), operators=("between",)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """What was measured of many: ``values`` int64 or float64 (n,), ``known`` and ``open`` bool (n,)."""

    values: NDArray[np.int64] | NDArray[np.float64]
    known: NDArray[np.bool_]
    open: NDArray[np.bool_] | None = None


class ComparisonKind(Kind):
    """Compares what `measure` says; subclasses say where it stands among the facts."""

    operators = OPERATORS
    sentences = SENTENCES

    @abstractmethod
    def measure(self, condition: Condition, facts: Facts) -> Decimal | int | None:
        """The number that is compared, None when it is unknown."""

    def is_open(self, condition: Condition, facts: Facts) -> bool:
        """Whether the number may be more, because something that counts is not known."""
        return False

    @abstractmethod
    def measure_columns(self, condition: Condition, columns: Columns) -> Measures:
        """`measure` of every case."""

    def bound(self, value: Any) -> Any:
        """A value of the condition in the unit of `measure_columns`."""
        return float(value)  # of at most 15 digits, so that it orders against other floats as decimals do

    def unit(self, condition: Condition) -> str:
        """The currency of amounts, '' for plain numbers."""
        return ""

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        measured = self.measure(condition, facts)
        if measured is None:
            return Truth.UNKNOWN
        if self.is_open(condition, facts) and not _settled(condition, measured, _as_it_is):
            return Truth.UNKNOWN
        return Truth.TRUE if _holds(condition, measured, _as_it_is) else Truth.FALSE

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        measured = self.measure_columns(condition, columns)
        known = measured.known
        if measured.open is not None:
            known = known & (~measured.open | _settled(condition, measured.values, self.bound))
        return truth_columns(_holds(condition, measured.values, self.bound), known)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        truth, expected = self.decide(condition, facts), self.expected(condition)
        measured, unit = self.measure(condition, facts), self.unit(condition)
        if measured is None:
            return Outcome(truth, expected, unit=unit)
        actual = f"{shown_number(measured)} {unit}".rstrip()
        low, high = _bounds(condition)
        if truth is not Truth.FALSE:
            return Outcome(truth, expected, actual, unit=unit)
        if high is not None and measured >= high:
            return Outcome(truth, expected, actual, unit=unit, code="too_high")
        # How much more than "more than" is needed depends on the currency's smallest coin, which is not known here.
        missing = None if low is None or condition.operator == "more_than" else low - Decimal(measured)
        return Outcome(truth, expected, actual, missing, unit, "too_low")

    def check(self, operator: str, values: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
        if operator == "between" and values["low"] > values["high"]:  # type: ignore[operator]
            yield "high", "range", "high: must not be less than low"

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        spans = [_bounds(condition) for condition in conditions]
        low = max([low for low, _ in spans if low is not None], default=None)
        high = min([high for _, high in spans if high is not None], default=None)
        if low is None or high is None:
            return False
        return low > high or (low == high and not all(_holds(one, low, _as_it_is) for one in conditions))


def shown_number(value: Decimal | int) -> str:
    """A number as people write it: no exponent, and two decimals where there are any."""
    number = Decimal(value)
    if number == number.to_integral_value():
        return str(int(number))
    written = f"{number.normalize():f}"
    return f"{written}0" if len(written.partition(".")[2]) == 1 else written


def _as_it_is(value: Any) -> Any:
    return value


def _bounds(condition: Condition) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that is wanted, each None when there is none."""
    if condition.operator == "between":
        return condition.values["low"], condition.values["high"]  # type: ignore[return-value]
    value: Any = condition.values["value"]
    lower = condition.operator in _LOWER or condition.operator == "equals"
    upper = condition.operator not in _LOWER
    return (value if lower else None), (value if upper else None)


def _holds(condition: Condition, actual: Any, bound: Callable[[Any], Any]) -> Any:
    """Whether a number (or each of an array) is as wanted."""
    if condition.operator == "between":
        return (actual >= bound(condition.values["low"])) & (actual <= bound(condition.values["high"]))
    return _COMPARE[condition.operator](actual, bound(condition.values["value"]))


def _settled(condition: Condition, least: Any, bound: Callable[[Any], Any]) -> Any:
    """Whether it is settled already when the number is at least ``least``, and may be more."""
    if condition.operator in _LOWER:
        return _holds(condition, least, bound)
    if condition.operator == "less_than":
        return least >= bound(condition.values["value"])
    return least > bound(condition.values["high" if condition.operator == "between" else "value"])
