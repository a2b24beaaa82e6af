from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import InstantField
from personalization.models.item import Item
from personalization.models.visitor import Visitor


class ViewedItem(models.Model):
    """The view history: one row per visitor and item, however often it was looked at."""

    visitor = models.ForeignKey(
        Visitor, models.CASCADE, related_name="viewed_items", verbose_name=_("visitor")
    )
    item = models.ForeignKey(Item, models.CASCADE, related_name="viewed_by", verbose_name=_("item"))
    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    views = models.PositiveIntegerField(_("views"), default=1)
    first_viewed_at = InstantField(_("first viewed"))
    last_viewed_at = InstantField(_("last viewed"))

    class Meta:
        verbose_name = _("viewed item")
        verbose_name_plural = _("view history")
        constraints = [
            models.UniqueConstraint(fields=["visitor", "item"], name="personalization_viewed_once")
        ]
        indexes = [models.Index(fields=["visitor", "last_viewed_at"], name="personalization_viewed_recent")]

    def __str__(self) -> str:
        return f"{self.item_id} × {self.views}"
