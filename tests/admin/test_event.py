from decimal import Decimal

import pytest
from django.contrib import admin

from personalization.admin.event import EventAdmin
from personalization.models import Event


@pytest.mark.parametrize(
    ("quantity", "unit_price", "read"),
    [
        ("2.000", Decimal("12.5000"), ("2", "12.50 EUR")),
        ("0.125", Decimal("0.0125"), ("0.125", "0.0125 EUR")),
        ("100.000", None, ("100", "-")),
    ],
)
def test_numbers_read_as_people_write_them(quantity, unit_price, read):
    event = Event(quantity=Decimal(quantity), unit_price=unit_price, currency="EUR")
    page = EventAdmin(Event, admin.site)
    assert (page.pieces(event), page.price(event)) == read
