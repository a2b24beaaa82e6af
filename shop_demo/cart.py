"""The shopper's cart in the session: quantities by SKU, and the codes that were typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shop_demo.models import Product
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST: Final = 20
MOST_CODES: Final = 5
LONGEST_CODE: Final = 64
_KEY: Final = "cart"
_CODES: Final = "codes"
_READ: Final = "_shop_cart_lines"


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int
    price: Decimal  #: of a piece, in the store's currency

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

    def lines(self) -> list[Line]:
        """What can still be bought in this store, by name; read once for a request, as several parts of a page ask."""
        read: tuple[dict[str, int], list[Line]] | None = getattr(self._request, _READ, None)
        if read is None or read[0] != self.quantities:
            store = store_of(self._request)
            products = Product.objects.sold_in(store).filter(sku__in=self.quantities)
            priced = ((product, product.price_in(store)) for product in products)
            lines = [
                Line(product, self.quantities[product.sku], price)
                for product, price in priced
                if price is not None
            ]
            read = dict(self.quantities), lines
            setattr(self._request, _READ, read)
        return read[1]


def cart_size(request: HttpRequest) -> dict[str, int]:
    """Context processor: how many pieces lie in the cart."""
    return {"cart_size": len(Cart(request)) if hasattr(request, "session") else 0}
