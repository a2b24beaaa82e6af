"""Which currency prices are compared in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from personalization.models import Item

if TYPE_CHECKING:
    from collections.abc import Mapping


def usual_currency(tenant: str) -> str:
    """That of most of a tenant's items with a price; '' where none of them says."""
    priced = Item.objects.filter(tenant=tenant, price__isnull=False)
    return usual_of(dict(priced.values_list("currency").annotate(items=Count("pk"))))


def usual_of(priced: Mapping[str, int]) -> str:
    """Of how many items with a price are in each currency, '' where they do not say: that of most, the first by name of
    several; '' where none of them says."""
    return min(filter(None, priced), key=lambda currency: (-priced[currency], currency), default="")
