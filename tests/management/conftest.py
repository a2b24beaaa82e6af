from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.people import make_person


@pytest.fixture
def shop(db: None) -> list[Any]:
    """The demo shop with two products for sale, one that is hidden, and orders of the last four days."""
    from shop_demo.models import Category, Order, OrderLine, Product

    category = Category.objects.create(name="Cups", slug="cups")
    products = [
        Product.objects.create(
            sku=sku, name=sku.title(), category=category, price="9.50", stock=3, available=shown
        )
        for sku, shown in (("mug", True), ("cup", True), ("jug", False))
    ]
    orders = []
    for number in range(4):
        user = make_person(f"ann{number}", email=f"ann{number}@example.com")
        placed = timezone.now() - timedelta(days=number)
        order = Order.objects.create(customer=user, number=f"W{number}", placed_at=placed)
        OrderLine.objects.create(order=order, product=products[number % 3], quantity=1, unit_price="9.50")
        orders.append(order)
    return orders
