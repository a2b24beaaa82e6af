from __future__ import annotations

from decimal import Decimal

import pytest

from personalization.engine.promotions import exponent, from_minor, parse_amount, round_amount, to_minor
from personalization.exceptions import InvalidInputError
from tests.bad_inputs.cases import cases

#: Right amounts of money: the catalog means them for percentages, and for columns of other sizes.
RIGHT = {"100.01"}
CART_TOTALS = [case["value"] for case in cases("coupon") if case["field"] == "cart total"]


@pytest.mark.parametrize(
    ("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XYZ", 2)]
)
def test_currencies_have_their_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "€", "E R", None, 978])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^currency: "):
        exponent(currency)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "EUR", "12.50"),
        ("12.5", "EUR", "12.50"),
        ("0", "EUR", "0.00"),
        ("7", "JPY", "7"),
        ("0.001", "KWD", "0.001"),
    ],
)
def test_plain_amounts_are_read(text: str, currency: str, amount: str) -> None:
    assert str(parse_amount(text, currency, field="price")) == amount


@pytest.mark.parametrize("text", [one for one in CART_TOTALS if one not in RIGHT], ids=ascii)
def test_every_bad_amount_of_the_catalog_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^cart: "):
        parse_amount(text, "EUR", field="cart")


def test_decimals_that_a_currency_does_not_have_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="JPY has 0 decimals"):
        parse_amount("1.5", "JPY", field="price")


def test_half_a_unit_is_rounded_up() -> None:
    assert round_amount(Decimal("0.005"), "EUR") == Decimal("0.01")
    assert round_amount(Decimal("0.5"), "JPY") == 1
    assert round_amount(Decimal("0.0004"), "KWD") == 0


def test_the_smallest_unit_and_back() -> None:
    assert to_minor(Decimal("1.250"), "KWD") == 1250
    assert str(from_minor(1250, "KWD")) == "1.250"
    with pytest.raises(InvalidInputError, match=r"^amount: "):
        to_minor(Decimal("0.5"), "JPY")


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e-400", "100000000000"]
)
def test_what_is_no_amount_has_no_smallest_unit(amount: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^amount: "):
        to_minor(Decimal(amount), "EUR")
