from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import DigestField, InstantField


class Segment(models.Model):
    """A set of visitors, said by a rule. Other rules name it, so its name is for ever."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    name = models.SlugField(_("name"), max_length=64, db_index=False)
    digest = DigestField(editable=False)
    title = models.CharField(_("title"), max_length=255)
    note = models.TextField(_("note"), blank=True, default="")
    rule = models.TextField(_("rule"))
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = InstantField(_("created"))
    updated_at = InstantField(_("updated"))

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="personalization_segment_name")
        ]

    def __str__(self) -> str:
        return self.title
