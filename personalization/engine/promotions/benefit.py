"""What a promotion gives: a share of the price, or an amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from personalization.engine.errors import InvalidInputError
from personalization.engine.promotions.money import check_amount, percent_of, round_amount, round_to

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class PercentOff:
    """``percent`` of the lines it is for: more than 0, up to 100, at most two decimals. ``cap``: at most this much in
    all, in major units.

    Raises InvalidInputError naming ``percent`` or ``cap``.
    """

    percent: Decimal
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        if not _is_between(self.percent, _HUNDRED) or self.percent != round_to(self.percent, 2):
            message = "expected more than 0, up to 100, with at most two decimals"
            raise InvalidInputError("percent", message, code="range")
        if self.cap is not None and not _is_between(self.cap):
            raise InvalidInputError("cap", "expected more than 0", code="range")

    def check(self, currency: str) -> None:
        """Raises InvalidInputError naming ``cap`` when it is no amount of the currency."""
        if self.cap is not None:
            check_amount(self.cap, currency, field="cap")

    def discount(self, subtotal: Decimal, currency: str) -> Decimal:
        """What it takes off a subtotal: computed for the whole, and rounded once."""
        off = percent_of(subtotal, self.percent, currency)
        return off if self.cap is None else min(off, round_amount(self.cap, currency))


@dataclass(frozen=True, slots=True)
class AmountOff:
    """``amount`` in major units off the lines it is for, never more than they cost.

    Raises InvalidInputError naming ``amount``.
    """

    amount: Decimal

    def __post_init__(self) -> None:
        if not _is_between(self.amount):
            raise InvalidInputError("amount", "expected more than 0", code="range")

    def check(self, currency: str) -> None:
        """Raises InvalidInputError naming ``amount`` when it is none of the currency."""
        check_amount(self.amount, currency, field="amount")

    def discount(self, subtotal: Decimal, currency: str) -> Decimal:
        """What it takes off a subtotal."""
        return min(round_amount(self.amount, currency), subtotal)


Benefit = PercentOff | AmountOff


def _is_between(number: object, most: Decimal | None = None) -> bool:
    """Whether it is a Decimal above 0: binary fractions are no amounts, whatever they look like."""
    return (
        isinstance(number, Decimal) and number.is_finite() and number > 0 and (most is None or number <= most)
    )
