"""Amounts of money: how many decimals a currency has, how amounts are read, rounded and counted in its smallest unit."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import reduce
from typing import TYPE_CHECKING, Final

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: ISO 4217: the currencies whose smallest unit is not a hundredth.
_EXPONENTS: Final = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
#: Amounts are smaller than this, as the columns that hold them.
LIMIT: Final = Decimal(10) ** 11

#: Our own, as a host may have set any: more digits than a product of a price and a quantity has, so nothing is lost.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,9})?")


def exponent(currency: object) -> int:
    """How many decimals amounts of a currency (ISO 4217) have.

    Raises InvalidInputError naming ``currency``.
    """
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise InvalidInputError(
            "currency", "expected a currency code (ISO 4217), such as EUR", code="currency"
        )
    return _EXPONENTS.get(currency, 2)


def parse_amount(text: object, currency: str, *, field: str) -> Decimal:
    """An amount in major units that is not negative, from plain decimal text such as ``12.50``.

    Raises InvalidInputError naming the field: signs, exponents, separators, other digits than 0 to 9, and more decimals
    than the currency has are refused, not guessed at.
    """
    exponent(currency)
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise InvalidInputError(field, "expected an amount such as 12.50", code="amount")
    check_amount(Decimal(text), currency, field=field)
    return round_amount(Decimal(text), currency)


def check_amount(amount: Decimal, currency: str, *, field: str) -> None:
    """Raises InvalidInputError naming the field when it is no amount of the currency: not finite, too large, or with more
    decimals."""
    places = exponent(currency)
    if not amount.is_finite() or amount.copy_abs() >= LIMIT:
        raise InvalidInputError(field, f"expected an amount below {LIMIT:,}", code="range")
    if amount != round_to(amount, places):
        raise InvalidInputError(field, f"{currency} has {places} decimals, got {amount}", code="amount")


def round_to(number: Decimal, places: int) -> Decimal:
    """The number with so many decimals, half a unit rounded up (away from zero)."""
    return _EXACT.quantize(number, _EXACT.scaleb(Decimal(1), -places))


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """The amount with the decimals of its currency, half a unit rounded up (away from zero)."""
    return round_to(amount, exponent(currency))


def multiply(amount: Decimal, factor: Decimal, currency: str) -> Decimal:
    """The exact product, rounded once."""
    return round_amount(_EXACT.multiply(amount, factor), currency)


def percent_of(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """So many hundredths of the amount, rounded once."""
    return multiply(amount, _EXACT.scaleb(percent, -2), currency)


def add_up(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return reduce(_EXACT.add, numbers, Decimal(0))


def trimmed(number: Decimal) -> Decimal:
    """The same number without zeros at its end: 2 for 2.000, and 10 for 10."""
    return Decimal(f"{_EXACT.normalize(number):f}")


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in the smallest unit of its currency.

    Raises InvalidInputError naming ``amount`` when it is none of the currency.
    """
    check_amount(amount, currency, field="amount")
    return int(_EXACT.scaleb(amount, exponent(currency)))


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount in major units, with the decimals of its currency."""
    return _EXACT.scaleb(Decimal(minor), -exponent(currency))
