"""Whose data a page of the admin is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.models import Item

if TYPE_CHECKING:
    from django.http import HttpRequest


def tenant_of(request: HttpRequest) -> str:
    """The tenant that whoever works here works for."""
    return get_adapter().tenant(request)


def usual_currency(tenant: str) -> str:
    """The currency of the shop's newest priced item; '' when none has a price."""
    items = Item.objects.filter(tenant=tenant).exclude(currency="").order_by("-pk")
    return items.values_list("currency", flat=True).first() or ""
