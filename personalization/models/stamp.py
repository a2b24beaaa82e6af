from django.db import models
from django.utils.translation import gettext_lazy as _


class Stamp(models.Model):
    """A version number that grows when something changes which every process keeps a copy of."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    name = models.CharField(_("name"), max_length=32)
    version = models.PositiveBigIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("stamp")
        verbose_name_plural = _("stamps")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="personalization_stamp_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
