"""The basket: amounts by product or size, in the session, which is a signed cookie."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from tests.hosts.boutique.models import Price, Product

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEY = "basket"
_MOST = Decimal(100)


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: Decimal
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"))


class Basket:
    def __init__(self, request: HttpRequest) -> None:
        self._session, self._store = request.session, request.store
        self.amounts: dict[str, str] = self._session.get(_KEY, {})

    def put(self, key: str, quantity: Decimal) -> None:
        self._session[_KEY] = self.amounts = {**self.amounts, key: str(quantity)}

    def clear(self) -> None:
        self._session.pop(_KEY, None)
        self.amounts = {}

    def lines(self) -> list[Line]:
        """What is priced in this store, as it lies in the basket. A size costs what its garment costs."""
        prices = Price.objects.filter(currency=self._store.currency)
        products = Product.objects.filter(pk__in=self.amounts).prefetch_related(
            Prefetch("prices", prices), Prefetch("parent__prices", prices)
        )
        found = {str(product.pk): product for product in products}
        lines = []
        for key, quantity in self.amounts.items():
            product = found.get(key)
            priced = product and list((product.parent or product).prices.all())
            if priced:
                lines.append(Line(product, Decimal(quantity), priced[0].amount))
        return lines


def quantity_of(text: str, *, by_weight: bool) -> Decimal | None:
    """Pieces, or kilograms in grams; None for what is neither."""
    try:
        quantity = Decimal(text or "1").quantize(Decimal("0.001") if by_weight else Decimal(1))
    except InvalidOperation:
        return None
    return quantity if 0 < quantity <= _MOST else None
