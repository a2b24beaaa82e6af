"""How personalization reads this shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from personalization.adapters import DeclarativeAdapter
from personalization.engine.types import Cart, CartLine
from tests.hosts.boutique.models import Product, Stock
from tests.hosts.boutique.stores import FIRST, STORES

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest

    from personalization.adapters import Page
    from tests.hosts.boutique.stores import Store


class BoutiqueAdapter(DeclarativeAdapter):
    """Garments stand for their sizes; what may be shown, and for how much, is asked of the store of the page."""

    product_model = "boutique.Product"
    parent_field = "parent"
    category_field = "department"
    price_field = "prices__amount"
    currency_field = "prices__currency"
    attribute_fields = {"color": "color"}
    order_model = "boutique.Order"
    order_store_field = "store"
    order_cancelled = Q(cancelled_at__isnull=False)
    refunds_name = "lines__refunds"

    def products(self) -> QuerySet[Product]:
        return Product.everything.filter(parent=None)

    def row_q(self, relation: str, page: Page) -> Q:
        return Q(prices__currency=_store(page).currency)

    def eligible_q(self, page: Page) -> Q:
        return Q(Exists(Product.objects.shown(_store(page)).filter(pk=OuterRef("pk"))))

    def card_queryset(self, page: Page) -> QuerySet[Product]:
        """With what hangs in this store, of all sizes."""
        own = Q(product=OuterRef("pk")) | Q(product__parent=OuterRef("pk"), product__deleted_at=None)
        here = Stock.objects.filter(own, store=_store(page).code).values("store")
        return super().card_queryset(page).annotate(left=Subquery(here.values(left=Sum("quantity"))))

    def stock(self, product: Product, page: Page) -> Decimal | None:
        return product.left

    def cart(self, request: HttpRequest) -> Cart:
        amounts = request.session.get("basket", {})
        return Cart(tuple(CartLine(key, amount) for key, amount in amounts.items()), request.store.currency)

    def consent(self, request: HttpRequest) -> bool | None:
        return {"yes": True, "no": False}.get(request.COOKIES.get("cookies_ok", ""))

    def store(self, request: HttpRequest) -> str:
        return getattr(request, "store", FIRST).code


def _store(page: Page) -> Store:
    return STORES.get(page.store, FIRST)
