from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from personalization.admin.read_only import BY_TENANT, ReadOnlyAdmin, instant, price_text
from personalization.models import Item

_UPDATED = instant("updated_at", _("updated"))


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """What can be recommended: the shop's products as learning knows them, or an imported catalog."""

    empty_hint = _(
        "No items yet. They come from the shop with the next rebuild, or from the command import_items."
    )
    list_display = ("key", "title", "category", "priced", "active", _UPDATED)
    list_filter = ("active", "origin", BY_TENANT)
    search_fields = ("key", "title", "category")
    ordering = ("-pk",)
    fields = (
        "key",
        "title",
        "category",
        "brand",
        "priced",
        "stock",
        "tag_list",
        "attribute_list",
        "url",
        "image",
        "active",
        "origin",
        instant("listed_at", _("listed")),
        instant("created_at", _("created")),
        _UPDATED,
        "tenant",
    )

    @admin.display(description=_("price"), ordering="price")
    def priced(self, item: Item) -> str:
        return "-" if item.price is None else price_text(item.price, item.currency)

    @admin.display(description=_("tags"))
    def tag_list(self, item: Item) -> str:
        return ", ".join(map(str, item.tags))

    @admin.display(description=_("attributes"))
    def attribute_list(self, item: Item) -> str:
        return ", ".join(f"{name}: {text}" for name, text in sorted(item.attributes.items()))
