from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.exceptions import InvalidInputError


@pytest.mark.parametrize(
    "percent", ["0", "-10", "110", "100.01", "1E-9", "33.333", "NaN", "sNaN", "Infinity"]
)
def test_a_percentage_that_cannot_be_is_refused(percent: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^percent: "):
        PercentOff(Decimal(percent))


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "-Infinity"])
def test_an_amount_that_cannot_be_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^amount: "):
        AmountOff(Decimal(amount))
    with pytest.raises(InvalidInputError, match=r"^cap: "):
        PercentOff(Decimal(10), Decimal(amount))


def test_a_percentage_is_of_the_whole_and_rounded_once() -> None:
    assert PercentOff(Decimal(10)).discount(Decimal("0.15"), "EUR") == Decimal("0.02")
    assert PercentOff(Decimal("33.33")).discount(Decimal(100), "JPY") == 33
    assert PercentOff(Decimal(100)).discount(Decimal("9.99"), "EUR") == Decimal("9.99")


def test_a_cap_is_the_most_and_nothing_less() -> None:
    capped = PercentOff(Decimal(10), Decimal(20))
    assert capped.discount(Decimal("199.90"), "EUR") == Decimal("19.99")
    assert capped.discount(Decimal("200.10"), "EUR") == Decimal(20)


def test_an_amount_is_never_more_than_the_lines_cost() -> None:
    assert AmountOff(Decimal(5)).discount(Decimal("4.99"), "EUR") == Decimal("4.99")
    assert AmountOff(Decimal(5)).discount(Decimal(6), "EUR") == 5


@pytest.mark.parametrize("number", [10, 10.0, "10", True, None])
def test_only_decimals_are_amounts(number: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^percent: "):
        PercentOff(number)
    with pytest.raises(InvalidInputError, match=r"^amount: "):
        AmountOff(number)
