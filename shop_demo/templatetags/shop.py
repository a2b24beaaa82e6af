"""How the shop writes money, and stars."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django import template

from shop_demo.stores import SIGNS

if TYPE_CHECKING:
    from shop_demo.models import Product
    from shop_demo.stores import Store

register = template.Library()


@register.filter
def money(amount: Decimal | str, currency: str) -> str:
    """``129`` and ``"EUR"`` are €129.00; what is no amount stays as it is."""
    try:
        exact = Decimal(amount)
    except InvalidOperation:
        return str(amount)
    sign = SIGNS.get(currency)
    return f"{sign}{exact:,.2f}" if sign else f"{exact:,.2f} {currency}".strip()


@register.filter
def price_in(product: Product, store: Store) -> str:
    """What a product costs in a store, '' where it is not sold."""
    price = product.price_in(store)
    return "" if price is None else money(price, store.currency)


@register.filter
def star_row(value: float) -> list[str]:
    """Five stars, each ``full``, ``half`` or ``empty``; to the nearest half."""
    halves = int(value * 2 + 0.5)
    return [("empty", "half", "full")[max(0, min(2, halves - 2 * star))] for star in range(5)]
