"""Pieces leave the shelf and come back. The stock of a product with variants stays the sum of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from shop_demo.models import Product, Variant

if TYPE_CHECKING:
    from django.db.models import Model

    from shop_demo.models import OrderLine


def take(product: Product, variant: Variant | None, pieces: int) -> bool:
    """Whether there were so many. Inside a transaction, which is undone where there were not."""
    if not _less(Product, product.pk, pieces):
        return False
    return variant is None or _less(Variant, variant.pk, pieces)


def put_back(line: OrderLine, pieces: int) -> None:
    """The other way round, inside a transaction."""
    Product.objects.filter(pk=line.product_id).update(stock=F("stock") + pieces)
    if line.variant_id is not None:
        Variant.objects.filter(pk=line.variant_id).update(stock=F("stock") + pieces)


def _less(model: type[Model], pk: int, pieces: int) -> bool:
    enough = model._default_manager.filter(pk=pk, stock__gte=pieces)
    return bool(enough.update(stock=F("stock") - pieces))
