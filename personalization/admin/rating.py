from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from personalization.admin.people import PeopleAdmin, visitor
from personalization.admin.read_only import BY_TENANT, instant, recent
from personalization.models import Rating

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

_RATED = instant("rated_at", _("rated"))


@admin.register(Rating)
class RatingAdmin(PeopleAdmin):
    """What customers say. Their words are not edited; a rating that must not stay is deleted."""

    empty_hint = _("No ratings yet. They come in through the rating API, or rate() in the shop's code.")
    list_display = ("item", visitor, "score", "excerpt", _RATED)
    list_filter = ("value", recent("rated_at"), BY_TENANT)
    list_select_related = ("item", "visitor")
    search_fields = ("item__key", "item__title", "text")
    ordering = ("-rated_at", "-pk")
    fields = ("item", visitor, "score", "text", _RATED, "tenant")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("visitor__identities")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("personalization.delete_rating")

    @admin.display(description=_("rating"), ordering="value")
    def score(self, rating: Rating) -> str:
        return f"{rating.value.normalize():f} / {rating.scale_high}"

    @admin.display(description=_("text"))
    def excerpt(self, rating: Rating) -> str:
        return Truncator(rating.text).chars(80)
