"""All that personalization must know of this shop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from personalization.adapters import DeclarativeAdapter
from personalization.engine import types as personal
from personalization.engine.ids import is_key
from personalization.store.catalog import CatalogAdapter
from shop_demo.cart import Cart
from shop_demo.models import PRICE_FIELDS, Variant
from shop_demo.stores import find_store, store_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

    from personalization.adapters import Page
    from personalization.engine.types import Card, ItemRecord


class ShopAdapter(DeclarativeAdapter):
    """The shop's products. Most shops need no more than the attributes.

    The methods let people try `import_items` with a file of their own in this project: a key that the shop does not
    know is answered by the imported catalog.
    """

    product_model = "shop_demo.Product"
    key_field = "sku"
    category_field = "category__name"
    brand_field = "brand"
    created_field = "launched_on"
    tags_field = "tags"
    currency = "EUR"
    order_model = "shop_demo.Order"
    order_key_field = "number"
    order_date_field = "placed_at"
    order_user_field = "customer"
    order_store_field = "store"
    order_currency_field = "currency"
    order_cancelled = Q(cancelled_at__isnull=False)
    refunds_name = "lines__returns"

    imported = CatalogAdapter()

    def store(self, request: HttpRequest) -> str:
        return store_of(request).code

    def eligible_q(self, page: Page) -> Q:
        return Q(
            available=True, stock__gt=0, **{f"{PRICE_FIELDS[find_store(page.store).code]}__isnull": False}
        )

    def price(self, product: Any, page: Page) -> str:
        price = product.price_in(find_store(page.store))
        return "" if price is None else str(price)

    def currency_of(self, product: Any, page: Page) -> str:
        return find_store(page.store).currency

    def card(self, product: Any, page: Page) -> Card:
        return replace(super().card(product, page), title=product.title, image=product.picture_url)

    def cart(self, request: HttpRequest) -> personal.Cart:
        lines = [
            personal.CartLine(line.product.sku, str(line.quantity), str(line.price), key=line.key)
            for line in Cart(request).lines()
        ]
        return personal.Cart(tuple(lines), store_of(request).currency)

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        asked = [key for key in keys if is_key(key)]
        return dict(Variant.objects.filter(sku__in=asked).values_list("sku", "product__sku"))

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        asked = list(keys)
        own = super().find_items(asked, tenant)
        missing = set(asked).difference(record.key for record in own)
        return [*own, *self.imported.find_items(missing, tenant)] if missing else own

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        asked = list(keys)
        own = super().cards(asked, page)
        missing = set(asked).difference(own)
        return {**self.imported.cards(missing, page), **own} if missing else own

    def eligible_keys(self, keys: Iterable[str], page: Page) -> set[str]:
        return {key for key, card in self.cards(keys, page).items() if card.eligible}

    def newest_keys(self, count: int, page: Page) -> list[str]:
        return super().newest_keys(count, page) or self.imported.newest_keys(count, page)
