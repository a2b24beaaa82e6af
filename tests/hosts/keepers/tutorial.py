from __future__ import annotations

import hmac
import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.test import Client
from django.utils.text import slugify

from tests.hosts.keepers.base import ROOT, Keeper, sign_in
from tests.hosts.tutorial.orders.models import Order, OrderItem
from tests.hosts.tutorial.shop.models import Category, Product

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

ADDRESS = {
    "first_name": "Ann",
    "last_name": "Li",
    "email": "ann@example.com",
    "address": "1 Main Street",
    "postal_code": "200000",
    "city": "Shanghai",
}


class TutorialKeeper(Keeper):
    name = "tutorial"
    orders_by_account = False
    tells_cancellations = False
    urls = "tests.hosts.tutorial.urls"
    product_model = "shop.Product"
    folder = ROOT / "tests" / "hosts" / "tutorial"

    def product(self, name: str, **fields: Any) -> Product:
        category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "All"})
        return Product.objects.create(
            category=category, name=name, slug=slugify(name), price=Decimal("9.50"), **fields
        )

    def ways_off_the_shelf(self) -> dict[str, Callable[[Any], object]]:
        return {
            "not available": lambda product: Product.objects.filter(pk=product.pk).update(available=False),
            "deleted": lambda product: product.delete(),
        }

    def log_in(self, browser: Client, name: str) -> HttpResponse:
        return sign_in(browser, "/account/login/", name)

    def log_out(self, browser: Client) -> HttpResponse:
        return browser.post("/account/logout/")

    def put(self, browser: Client, product: Any) -> HttpResponse:
        return browser.post(f"/cart/add/{product.pk}/", {"quantity": "1"})

    def check_out(self, browser: Client, name: str = "guest") -> HttpResponse:
        return browser.post("/orders/create/", {**ADDRESS, "email": f"{name}@example.com"})

    def thanks(self, browser: Client) -> HttpResponse:
        return browser.get("/payment/completed/")

    def open_order(self, customer: Any, product: Any) -> Order:
        order = Order.objects.create(**ADDRESS)
        self.add_line(order, product)
        return order

    def add_line(self, order: Any, product: Any) -> None:
        """The last line is followed by the money, so that what listens to saved orders has something to read."""
        OrderItem.objects.create(order=order, product=product, price=product.price)
        order.paid = order.items.count() > 1
        order.save()

    def pay(self, browser: Client) -> None:
        """The payment provider calls: not the shopper's browser, and no session."""
        order = Order.objects.latest("pk").pk
        body = json.dumps({"type": "payment.succeeded", "order": order, "payment": f"pi_{order}"}).encode()
        signature = hmac.new(settings.PAYMENT_WEBHOOK_SECRET.encode(), body, "sha256").hexdigest()
        response = Client().post(
            "/payment/webhook/",
            body,
            content_type="application/json",
            headers={"Payment-Signature": signature},
        )
        assert response.status_code == 200

    def orders(self, *, after: int = 0) -> list[dict[str, Decimal]]:
        return [
            {str(item.product_id): Decimal(item.quantity) for item in order.items.all()}
            for order in Order.objects.order_by("pk").prefetch_related("items")[after:]
        ]

    def cancel(self) -> None:
        order = Order.objects.latest("pk")
        order.paid = False
        order.save()

    def grow_old(self, days: int) -> None:
        Order.objects.update(created=F("created") - timedelta(days=days))

    def pages(self, product: Any) -> dict[str, str]:
        return {"home": "/", "product": product.get_absolute_url(), "cart": "/cart/"}
