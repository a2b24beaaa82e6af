from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import DigestField, InstantField


class Version(models.Model):
    """What a segment, promotion or campaign was from one change to the next. Rows are only ever added."""

    class Kind(models.IntegerChoices):
        SEGMENT = 1, _("segment")
        PROMOTION = 2, _("promotion")
        CAMPAIGN = 3, _("campaign")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    kind = models.SmallIntegerField(_("kind"), choices=Kind.choices)
    object_id = models.PositiveBigIntegerField(_("number"))
    number = models.PositiveIntegerField(_("version"))
    content = models.TextField(_("content"))
    digest = DigestField(editable=False)
    author = models.CharField(_("author"), max_length=150, blank=True, default="")
    created_at = InstantField(_("created"))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "number"], name="personalization_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.object_id} {self.number}"
