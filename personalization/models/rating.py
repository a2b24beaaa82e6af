from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import InstantField
from personalization.models.item import Item
from personalization.models.visitor import Visitor


class Rating(models.Model):
    """What a visitor says of an item: one rating per visitor and item, on the host's own scale."""

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="ratings", verbose_name=_("visitor"))
    item = models.ForeignKey(Item, models.CASCADE, related_name="ratings", verbose_name=_("item"))
    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    value = models.DecimalField(_("value"), max_digits=6, decimal_places=2)
    scale_low = models.SmallIntegerField(_("lowest value of the scale"))
    scale_high = models.SmallIntegerField(_("highest value of the scale"))
    text = models.TextField(_("text"), blank=True, default="")
    rated_at = InstantField(_("rated"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(fields=["visitor", "item"], name="personalization_rating_once")
        ]

    def __str__(self) -> str:
        return f"{self.value} / {self.scale_high}"
