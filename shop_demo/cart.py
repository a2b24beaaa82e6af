"""The shopper's cart: quantities by SKU, in the session."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shop_demo.models import Product

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST: Final = 20
_KEY: Final = "cart"


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int

    @property
    def total(self) -> Decimal:
        return self.product.price * self.quantity


class Cart:
    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session
        self.quantities: dict[str, int] = dict(self._session.get(_KEY, {}))

    def __len__(self) -> int:
        return sum(self.quantities.values())

    def put(self, sku: str, quantity: int) -> None:
        """Set how many of a product lie in the cart; 0 takes it out."""
        if quantity > 0:
            self.quantities[sku] = min(quantity, MOST)
        else:
            self.quantities.pop(sku, None)
        self._session[_KEY] = self.quantities

    def clear(self) -> None:
        self._session.pop(_KEY, None)
        self.quantities = {}

    def lines(self) -> list[Line]:
        """What can still be bought, by name."""
        products = Product.objects.filter(sku__in=self.quantities, available=True)
        return [Line(product, self.quantities[product.sku]) for product in products]


def cart_size(request: HttpRequest) -> dict[str, int]:
    """Context processor: how many pieces lie in the cart."""
    return {"cart_size": len(Cart(request)) if hasattr(request, "session") else 0}
