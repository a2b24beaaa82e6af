"""The shopper's cart in the session: quantities by the SKU of a variant or product, and the codes that were typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shop_demo.models import Product, Variant
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest

    from shop_demo.stores import Store

MOST: Final = 20
MOST_CODES: Final = 5
LONGEST_CODE: Final = 64
_KEY: Final = "cart"
_CODES: Final = "codes"
_READ: Final = "_shop_cart_lines"


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    variant: Variant | None
    quantity: int
    price: Decimal  #: of a piece, in the store's currency

    @property
    def key(self) -> str:
        """What it is called in the cart."""
        return self.product.sku if self.variant is None else self.variant.sku

    @property
    def left(self) -> int:
        """How many pieces the shop has."""
        return self.product.stock if self.variant is None else self.variant.stock

    @property
    def short(self) -> bool:
        """Whether that is less than what lies in the cart."""
        return self.left < self.quantity

    @property
    def picture_url(self) -> str:
        return self.product.picture_url if self.variant is None else self.variant.picture_url

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


class Cart:
    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._session = request.session
        self.quantities: dict[str, int] = dict(self._session.get(_KEY, {}))
        self.codes: list[str] = list(self._session.get(_CODES, []))

    def __len__(self) -> int:
        return sum(self.quantities.values())

    def put(self, sku: str, quantity: int) -> None:
        """Set how many of a product lie in the cart; 0 takes it out."""
        if quantity > 0:
            self.quantities[sku] = min(quantity, MOST)
        else:
            self.quantities.pop(sku, None)
        self._session[_KEY] = self.quantities

    def remember_code(self, code: str) -> None:
        """Keep a code that was typed, whether or not it is one; of many the newest."""
        code = code.strip()[:LONGEST_CODE]
        if code and code not in self.codes:
            self._session[_CODES] = self.codes = [*self.codes, code][-MOST_CODES:]

    def forget_code(self, code: str) -> None:
        self._session[_CODES] = self.codes = [kept for kept in self.codes if kept != code]

    def clear(self) -> None:
        self._session.pop(_KEY, None)
        self._session.pop(_CODES, None)
        self.quantities, self.codes = {}, []

    def forget_ordered(self, lines: Iterable[Line]) -> None:
        """Take out what was ordered, with the codes; what is sold in the other store alone stays."""
        rest = {key: self.quantities[key] for key in self.quantities.keys() - {line.key for line in lines}}
        self.clear()
        for key, quantity in rest.items():
            self.put(key, quantity)

    def lines(self) -> list[Line]:
        """What can still be bought in this store, by name; read once for a request, as several parts of a page ask."""
        read: tuple[dict[str, int], list[Line]] | None = getattr(self._request, _READ, None)
        if read is None or read[0] != self.quantities:
            store = store_of(self._request)
            lines = sorted(self._read(store), key=lambda line: (line.product.name, line.key))
            read = dict(self.quantities), lines
            setattr(self._request, _READ, read)
        return read[1]

    def aside(self) -> list[tuple[str, Product]]:
        """What lies in the cart and is not sold in this store, or not any more, and what it is called in the cart."""
        missing = self.quantities.keys() - {line.key for line in self.lines()}
        if not missing:
            return []
        found = {product.sku: product for product in Product.objects.filter(sku__in=missing)}
        for variant in Variant.objects.filter(sku__in=missing).select_related("product"):
            found[variant.sku] = variant.product
        return sorted(found.items())

    def _read(self, store: Store) -> Iterator[Line]:
        """Products that have variants are bought as one of them."""
        sold = Product.objects.sold_in(store)
        plain = list(sold.filter(sku__in=self.quantities, variants=None)) if self.quantities else []
        for product in plain:
            if (price := product.price_in(store)) is not None:
                yield Line(product, None, self.quantities[product.sku], price)
        missing = self.quantities.keys() - {product.sku for product in plain}
        if not missing:
            return
        variants = Variant.objects.filter(sku__in=missing, product__in=sold).select_related("product")
        for variant in variants:
            if (price := variant.product.price_in(store)) is not None:
                yield Line(variant.product, variant, self.quantities[variant.sku], price)


def cart_size(request: HttpRequest) -> dict[str, int]:
    """Context processor: how many pieces lie in the cart."""
    return {"cart_size": len(Cart(request)) if hasattr(request, "session") else 0}
