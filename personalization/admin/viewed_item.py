from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from personalization.admin.people import NewestNamedList, PeopleAdmin, visitor
from personalization.admin.read_only import (
    BY_TENANT,
    instant,
    recent,
)
from personalization.models import ViewedItem

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

_FIRST = instant("first_viewed_at", _("first viewed"))
_LAST = instant("last_viewed_at", _("last viewed"))


@admin.register(ViewedItem)
class ViewedItemAdmin(PeopleAdmin):
    """Who looked at what, and how often."""

    empty_hint = _("Nobody has viewed anything yet. Call track() with the kind “view” on product pages.")
    list_display = ("item", visitor, "views", _LAST)
    list_filter = (recent("last_viewed_at"), BY_TENANT)
    list_select_related = ("item", "visitor")
    search_fields = ("item__key__exact", "item__title")
    search_help_text = _(
        "A person's exact key or e-mail address, the number of a visitor such as #7, or an item"
    )
    ordering = ("-last_viewed_at", "-pk")
    fields = ("item", visitor, "views", _FIRST, _LAST, "tenant")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestNamedList]:
        return NewestNamedList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("visitor__identities")
