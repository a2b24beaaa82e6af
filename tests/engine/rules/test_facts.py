"""Amounts go into columns exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import as_amount


@pytest.mark.parametrize(("amount", "scaled"), [("0", 0), ("12.5", 125_000), ("0.0001", 1), ("-3", -30_000)])
def test_amounts_are_ten_thousandths(amount, scaled):
    assert as_amount(Decimal(amount)) == scaled


@pytest.mark.parametrize("amount", ["0.00001", "NaN", "Infinity"])
def test_what_would_not_be_exact_is_refused(amount):
    with pytest.raises(InvalidInputError, match="at most four decimals"):
        as_amount(Decimal(amount))
