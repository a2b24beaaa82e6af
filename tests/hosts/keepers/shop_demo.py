from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from shop_demo.models import Category, Order, OrderLine, Product
from tests.hosts.keepers.base import ROOT, Keeper, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client


class DemoKeeper(Keeper):
    name = "shop_demo"
    urls = "shop_demo.urls"
    product_model = "shop_demo.Product"
    folder = ROOT / "shop_demo"

    def product(self, name: str, **fields: Any) -> Product:
        category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "All"})
        fields = {"price": Decimal("9.50"), "stock": 100, **fields}
        return Product.objects.create(sku=name.upper(), name=name, category=category, **fields)

    def ways_off_the_shelf(self) -> dict[str, Callable[[Any], object]]:
        def change(**fields: Any) -> Callable[[Any], object]:
            return lambda product: Product.objects.filter(pk=product.pk).update(**fields)

        return {"sold out": change(stock=0), "hidden": change(available=False)}

    def key(self, product: Any) -> str:
        return product.sku

    def log_in(self, browser: Client, name: str) -> HttpResponse:
        return sign_in(browser, "/login/", name)

    def log_out(self, browser: Client) -> HttpResponse:
        return browser.post("/logout/")

    def put(self, browser: Client, product: Any) -> HttpResponse:
        return browser.post(f"/cart/{product.sku}/")

    def check_out(self, browser: Client, name: str = "guest") -> HttpResponse:
        return browser.post("/checkout/")

    def thanks(self, browser: Client) -> HttpResponse:
        return browser.get(f"/orders/{Order.objects.latest('pk').number}/")

    def open_order(self, customer: Any, product: Any) -> Order:
        number = f"W{secrets.token_hex(4)}"
        order = Order.objects.create(customer=customer, number=number, placed_at=timezone.now())
        self.add_line(order, product)
        return order

    def add_line(self, order: Any, product: Any) -> None:
        OrderLine.objects.create(order=order, product=product, quantity=1, unit_price=product.price)

    def orders(self, *, after: int = 0) -> list[dict[str, Decimal]]:
        return [
            {line.product.sku: Decimal(line.quantity) for line in order.lines.all()}
            for order in Order.objects.order_by("pk").prefetch_related("lines__product")[after:]
        ]

    def cancel(self) -> None:
        order = Order.objects.latest("pk")
        order.cancelled_at = timezone.now()
        order.save()

    def grow_old(self, days: int) -> None:
        Order.objects.update(placed_at=F("placed_at") - timedelta(days=days))

    def pages(self, product: Any) -> dict[str, str]:
        return {"home": "/", "list": "/products/", "product": f"/products/{product.sku}/", "cart": "/cart/"}
