from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.test import Client
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.hosts.boutique.models import Listing, Order, OrderLine, Price, Product, Refund, Stock
from tests.hosts.keepers.base import ROOT, Keeper, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpResponse
    from selenium.webdriver import Chrome

BOTH = ("shanghai", "paris")


class BoutiqueKeeper(Keeper):
    name = "boutique"
    urls = "tests.hosts.boutique.urls"
    product_model = "boutique.Product"
    folder = ROOT / "tests" / "hosts" / "boutique"
    asks_consent = True
    cached_pages = ("home",)

    def product(
        self,
        name: str,
        *,
        stores: Sequence[str] = BOTH,
        stock: str = "100",
        sizes: Sequence[str] = (),
        **fields: Any,
    ) -> Product:
        made = Product.objects.create(label=name, department="衣服", **fields)
        Listing.objects.bulk_create(Listing(product=made, store=store) for store in stores)
        Price.objects.create(product=made, currency="CNY", amount="199.00")
        Price.objects.create(product=made, currency="EUR", amount="25.50")
        variants = [Product.objects.create(label=name, parent=made, size=size) for size in sizes]
        Stock.objects.bulk_create(
            Stock(product=one, store=store, quantity=stock) for one in variants or [made] for store in BOTH
        )
        return made

    def ways_off_the_shelf(self) -> dict[str, Callable[[Any], object]]:
        here = {"store": "shanghai"}
        return {
            "deleted": lambda product: product.delete(),
            "sold out": lambda product: product.stocks.filter(**here).update(quantity=0),
            "only in another store": lambda product: product.listings.filter(**here).delete(),
            "without a price here": lambda product: product.prices.filter(currency="CNY").delete(),
            "become a size of another": self._become_a_size,
        }

    def _become_a_size(self, product: Product) -> None:
        product.parent = self.product(f"parent of {product.label}")
        product.save()

    def browser(self, *, agrees: bool = True) -> Client:
        browser = Client()
        if agrees:
            browser.post("/consent/", {"answer": "yes"})
        return browser

    def agree(self, chromium: Chrome, address: str) -> None:
        chromium.get(f"{address}/consent/")
        chromium.find_element(By.CSS_SELECTOR, "button[value=yes]").click()
        WebDriverWait(chromium, 10).until(lambda window: window.get_cookie("cookies_ok"))

    def log_in(self, browser: Client, name: str) -> HttpResponse:
        return sign_in(browser, "/login/", name)

    def log_out(self, browser: Client) -> HttpResponse:
        return browser.post("/logout/")

    def put(self, browser: Client, product: Any) -> HttpResponse:
        size = product.variants.first() or product
        return browser.post("/basket/put/", {"product": size.pk, "quantity": "1"})

    def check_out(self, browser: Client, name: str = "guest") -> HttpResponse:
        return browser.post("/checkout/", {"email": f"{name}@example.com"})

    def thanks(self, browser: Client) -> HttpResponse:
        return browser.get("/thanks/")

    def open_order(self, customer: Any, product: Any) -> Order:
        order = Order(customer=customer, email=customer.email, store="shanghai", currency="CNY")
        Order.objects.bulk_create([order])
        self.add_line(order, product)
        return order

    def add_line(self, order: Any, product: Any) -> None:
        line = OrderLine(order=order, product=product, quantity=Decimal("0.250"), unit_price=Decimal(199))
        OrderLine.objects.bulk_create([line])

    def orders(self, *, after: int = 0) -> list[dict[str, Decimal]]:
        return [
            {str(line.product_id): line.quantity for line in order.lines.all()}
            for order in Order.objects.order_by("placed_at").prefetch_related("lines")[after:]
        ]

    def cancel(self) -> None:
        newest = Order.objects.latest("placed_at")
        Order.objects.filter(pk=newest.pk).update(cancelled_at=timezone.now())

    def grow_old(self, days: int) -> None:
        Order.objects.update(placed_at=F("placed_at") - timedelta(days=days))

    def give_back(self) -> Decimal:
        line = OrderLine.objects.filter(order=Order.objects.latest("placed_at")).first()
        quantity = Decimal("0.500")
        Refund.objects.create(line=line, quantity=quantity, amount=line.unit_price * quantity)
        return quantity

    def pages(self, product: Any) -> dict[str, str]:
        return {"home": "/", "product": f"/p/{product.pk}/", "cart": "/basket/"}
