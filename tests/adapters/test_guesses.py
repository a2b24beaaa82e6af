"""Names that shops use are found by what they hold."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.test.utils import isolate_apps

from personalization.adapters import guesses
from shop_demo.models import Product
from tests.adapters.kiosk.models import Article


@pytest.mark.parametrize(
    ("model", "name", "found"),
    [
        (Product, "stock", "stock"),
        (Product, "title", "name"),
        (Product, "brand", "brand"),
        (Article, "brand", ""),
        (Article, "stock", "in_stock"),
        (Article, "price", ""),
    ],
)
def test_what_a_product_calls_it(model: type[models.Model], name: str, found: str) -> None:
    assert guesses.product_path(name, model) == found


@isolate_apps("tests.adapters.kiosk")
def test_a_stock_is_a_number_and_a_brand_is_nobody() -> None:
    class Offer(models.Model):
        in_stock = models.BooleanField()
        quantity = models.DecimalField(max_digits=8, decimal_places=3)
        vendor = models.ForeignKey(get_user_model(), models.CASCADE, related_name="+")

        class Meta:
            app_label = "kiosk"

        def __str__(self) -> str:
            return f"Offer {self.pk}"

    assert guesses.product_path("stock", Offer) == "quantity"
    assert guesses.product_path("brand", Offer) == ""
