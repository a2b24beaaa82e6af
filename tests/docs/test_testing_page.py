"""The tests of docs/how-to/testing.md, as they stand there, in the demo shop."""

from __future__ import annotations

import sys
from datetime import timedelta
from itertools import count
from types import ModuleType
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from shop_demo.models import Category, Order, OrderLine, Product
from tests.docs.pages import ROOT, blocks

_numbers = count(1)


def make_product(name: str, *, available: bool = True) -> Product:
    category, _ = Category.objects.get_or_create(slug="cups", defaults={"name": "Cups"})
    fields: dict[str, Any] = {"category": category, "price": "9.50", "stock": 3, "available": available}
    return Product.objects.create(sku=name, name=name, **fields)


def make_order(*products: Product) -> Order:
    number = next(_numbers)
    customer = User.objects.create_user(f"customer-{number}")
    placed = timezone.now() - timedelta(hours=number)
    order = Order.objects.create(customer=customer, number=f"D{number}", placed_at=placed)
    for product in products:
        OrderLine.objects.create(order=order, product=product, unit_price=product.price)
    return order


#: What the page imports from the reader's own tests.
sys.modules["shop.tests.goods"] = goods = ModuleType("shop.tests.goods")
goods.make_product, goods.make_order = make_product, make_order  # type: ignore[attr-defined]
for block in blocks(ROOT / "docs" / "how-to" / "testing.md"):
    exec(compile(block.code, str(block), "exec", dont_inherit=True), globals())
