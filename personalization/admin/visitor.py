from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from personalization.admin.read_only import BY_TENANT, CappedPaginator, instant, names
from personalization.admin.separation import SeparatingAdmin
from personalization.models import Visitor

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

_CREATED = instant("created_at", _("first seen"))


@admin.register(Visitor)
class VisitorAdmin(SeparatingAdmin):
    """Who is known, and by what."""

    empty_hint = _("No visitors yet. They come with the first event or rating.")
    list_display = ("__str__", "known_as", "person", _CREATED)
    list_filter = (("person", admin.EmptyFieldListFilter), BY_TENANT)
    list_select_related = ("person",)
    search_fields = ("identities__key__exact",)
    search_help_text = _("The exact key of a visitor")
    ordering = ("-pk",)
    paginator = CappedPaginator
    fields = ("known_as", "person", _CREATED, "tenant")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("identities")

    @admin.display(description=_("known as"))
    def known_as(self, visitor: Visitor) -> str:
        return names(visitor)
