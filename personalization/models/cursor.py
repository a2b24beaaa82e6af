from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import InstantField


class Cursor(models.Model):
    """How far something that is read again and again has been read."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    name = models.CharField(_("name"), max_length=32)
    position = InstantField(_("read up to"))

    class Meta:
        verbose_name = _("cursor")
        verbose_name_plural = _("cursors")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="personalization_cursor_once")]

    def __str__(self) -> str:
        return self.name
