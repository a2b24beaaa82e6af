from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.exceptions import InvalidInputError
from tests.engine.promotions.carts import promotion


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.005", "EUR"), ("0.5", "JPY"), ("0.0001", "KWD"), ("1e11", "EUR"), ("1e400", "EUR")],
)
def test_what_it_gives_is_an_amount_of_its_currency(amount: str, currency: str) -> None:
    """Else a cap of half a cent would be rounded up to one, and exceeded."""
    with pytest.raises(InvalidInputError, match=r"^amount: "):
        promotion(AmountOff(Decimal(amount)), currency=currency)
    with pytest.raises(InvalidInputError, match=r"^cap: "):
        promotion(PercentOff(Decimal(10), Decimal(amount)), currency=currency)


@pytest.mark.parametrize("currency", ["", "eur", None])
def test_it_has_a_currency(currency: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^currency: "):
        promotion(currency=currency)
