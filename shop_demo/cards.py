"""What a card in a list says of a product; three statements for a whole list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import prefetch_related_objects
from django.utils import timezone

from personalization.shortcuts import average_ratings
from shop_demo.prices import history

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from personalization.shortcuts import AverageRating
    from shop_demo.models import Product
    from shop_demo.stores import Store

NEW_FOR: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class ProductCard:
    """``former``: the price that a reduced one is compared with; ``rating``: None where nobody gave one."""

    product: Product
    former: Decimal | None
    rating: AverageRating | None
    new: bool


def product_cards(products: Iterable[Product], store: Store, *, stars: bool = True) -> list[ProductCard]:
    """``stars``: whether their ratings are read."""
    listed, today = list(products), timezone.localdate()
    prefetch_related_objects(listed, "prices")
    rated = average_ratings(listed) if stars else {}
    return [
        ProductCard(one, _former(one, store, today), rated.get(one.sku), _is_new(one, today))
        for one in listed
    ]


def _former(product: Product, store: Store, today: date) -> Decimal | None:
    known = history(product.prices.all(), store, today=today)
    return None if known is None else known.former


def _is_new(product: Product, today: date) -> bool:
    return product.launched_on is not None and product.launched_on > today - NEW_FOR
