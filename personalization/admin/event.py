from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from personalization.admin.people import NewestNamedList, PeopleAdmin, visitor
from personalization.admin.read_only import (
    BY_TENANT,
    instant,
    price_text,
    recent,
)
from personalization.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

_OCCURRED = instant("occurred_at", _("occurred"))
_RECEIVED = instant("received_at", _("received"))
_FLAGS: Final = {1: _("bot"), 2: _("staff"), 4: _("prefetch")}


@admin.register(Event)
class EventAdmin(PeopleAdmin):
    """What happened, newest first."""

    empty_hint = _("No events yet. Import some with the command import_events, or call track() in the shop.")
    list_display = (_OCCURRED, "kind", "item", visitor, "pieces", "price")
    list_filter = ("kind", "source", recent("occurred_at"), BY_TENANT)
    list_select_related = ("item", "visitor")
    search_fields = ("visitor__identities__key__exact",)
    only_people = True
    search_help_text = _("A person's exact key or e-mail address, or the number of a visitor such as #7")
    ordering = ("-pk",)
    fields = (
        _OCCURRED,
        _RECEIVED,
        "kind",
        "item",
        visitor,
        ("pieces", "unit_price", "currency", "profit"),
        "order",
        "query",
        "recommendation",
        "source",
        "marks",
        ("store", "tenant"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestNamedList]:
        return NewestNamedList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("visitor__identities")

    @admin.display(description=_("quantity"), ordering="quantity")
    def pieces(self, event: Event) -> str:
        return f"{event.quantity.normalize():f}"

    @admin.display(description=_("unit price"), ordering="unit_price")
    def price(self, event: Event) -> str:
        if event.unit_price is None:
            return "-"
        return price_text(event.unit_price, event.currency)

    @admin.display(description=_("not learned from, because"))
    def marks(self, event: Event) -> str:
        return ", ".join(str(name) for flag, name in _FLAGS.items() if event.flags & flag) or "-"
