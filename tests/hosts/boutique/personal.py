"""How personalization reads this shop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from personalization.adapters import DeclarativeAdapter
from personalization.engine.instants import from_micros, to_micros
from personalization.engine.types import Cart, CartLine, OrderLine
from tests.hosts.boutique.models import Price, Product, Refund
from tests.hosts.boutique.stores import FIRST, STORES

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.adapters import Page
    from personalization.engine.types import ItemRecord, OrderRecord
    from tests.hosts.boutique.models import Order
    from tests.hosts.boutique.stores import Store


class BoutiqueAdapter(DeclarativeAdapter):
    """Garments stand for their sizes; what may be shown, and for how much, is asked of the store of the page."""

    product_model = "boutique.Product"
    parent_field = "parent"
    category_field = "department"
    order_model = "boutique.Order"
    order_store_field = "store"
    order_cancelled = Q(cancelled_at__isnull=False)

    # Products.

    def products(self) -> QuerySet[Product]:
        return Product.everything.filter(parent=None)

    def card_queryset(self, page: Page) -> QuerySet[Product]:
        prices = Price.objects.filter(product=OuterRef("pk"), currency=_store(page).currency)
        return super().card_queryset(page).annotate(amount=Subquery(prices.values("amount")[:1]))

    def eligible_q(self, page: Page) -> Q:
        return Q(Exists(Product.objects.shown(_store(page)).filter(pk=OuterRef("pk"))))

    def newest_keys(self, count: int, page: Page) -> list[str]:
        shown = Product.objects.shown(_store(page)).order_by("-created_at")
        return [str(key) for key in shown.values_list("pk", flat=True)[:count]]

    def record(self, product: Product) -> ItemRecord:
        return replace(super().record(product), active=product.deleted_at is None)

    def price(self, product: Any, page: Page) -> str:
        return "" if product.amount is None else str(product.amount)

    def currency_of(self, product: Product, page: Page) -> str:
        return _store(page).currency

    # Orders.

    def orders(self) -> QuerySet[Order]:
        return super().orders().prefetch_related("lines__product__parent", "lines__refunds")

    def changed_q(self, since: int) -> Q:
        refunds = Refund.objects.filter(line__order=OuterRef("pk"), refunded_at__gte=from_micros(since))
        return super().changed_q(since) | Q(cancelled_at__gte=from_micros(since)) | Exists(refunds)

    def order_record(self, order: Order) -> OrderRecord:
        refunds = [
            OrderLine(
                self.key_of(line.product),
                str(refund.quantity),
                key=str(refund.pk),
                at=to_micros(refund.refunded_at),
            )
            for line in order.lines.all()
            for refund in line.refunds.all()
        ]
        return replace(super().order_record(order), refunds=tuple(refunds))

    def cart(self, request: HttpRequest) -> Cart:
        amounts = request.session.get("basket", {})
        return Cart(tuple(CartLine(key, amount) for key, amount in amounts.items()), request.store.currency)

    # People and places.

    def consent(self, request: HttpRequest) -> bool | None:
        return {"yes": True, "no": False}.get(request.COOKIES.get("cookies_ok", ""))

    def store(self, request: HttpRequest) -> str:
        return getattr(request, "store", FIRST).code


def _store(page: Page) -> Store:
    return STORES.get(page.store, FIRST)
