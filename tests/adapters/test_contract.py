"""Adapters that are only declared hold the contract, however the shop is built."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from personalization.adapters import Page
from personalization.testing import AdapterContract
from tests.adapters.bazaar import stored
from tests.adapters.bazaar.models import Client, Good, Price, Purchase, PurchaseRow, Return, Stock
from tests.adapters.test_declarative_paths import PARIS, Bazaar
from tests.people import make_person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Whole(Bazaar):
    """Goods and purchases."""

    order_model = "bazaar.Purchase"
    order_key_field = "number"
    refunds_name = "purchaserow_set__returns"


@pytest.mark.usefixtures("bazaar")
class TestTheBazaar(AdapterContract):
    adapter = Whole

    def page(self) -> Page:
        return PARIS

    def prepare(self) -> None:
        if Good.objects.exists():
            return
        hat, coat = (Good.objects.create(code=code, added_at=stored(NOON)) for code in ("hat", "coat"))
        small = Good.objects.create(code="hat-s", parent=hat, added_at=stored(NOON))
        for good in (hat, coat):
            Price.objects.create(good=good, currency="EUR", amount=9.9)
            Stock.objects.create(good=good, market="paris", pieces=3)
        client = Client.objects.create(user=make_person("ann"), email="ann@example.com")
        for number in ("P1", "P2"):
            purchase = Purchase.objects.create(
                number=number, customer=client, order_date=stored(NOON), updated=stored(NOON), currency="EUR"
            )
            for good in (small, coat):
                row = PurchaseRow.objects.create(purchase=purchase, thing=good, qty="1.5", unit_price=9.9)
                Return.objects.create(row=row, quantity="0.5", returned_at=stored(NOON))
