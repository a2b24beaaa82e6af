"""Which currency prices are compared in."""

from __future__ import annotations

from django.db.models import Count

from personalization.models import Item


def usual_currency(tenant: str) -> str:
    """That of most of a tenant's items with a price; '' where none of them says."""
    priced = Item.objects.filter(tenant=tenant, price__isnull=False).exclude(currency="")
    counted = priced.values_list("currency").annotate(items=Count("pk")).order_by("-items", "currency")
    found = counted.first()
    return "" if found is None else found[0]
