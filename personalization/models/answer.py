from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import DigestField, InstantField


class Answer(models.Model):
    """What was shown, written when the first of its impressions or clicks comes back; events name it by ``key``."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    key = models.CharField(_("recommendation"), max_length=32)
    digest = DigestField(unique=True, editable=False)
    slot = models.CharField(_("slot"), max_length=64)
    mode = models.CharField(_("mode"), max_length=20)
    build = models.PositiveBigIntegerField(_("build"), null=True)
    arm = models.CharField(_("arm"), max_length=32, default="", blank=True)
    propensity = models.FloatField(_("propensity"), default=1.0)
    campaign = models.PositiveBigIntegerField(_("campaign"), null=True, db_index=True)
    answered_at = InstantField(_("answered"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return self.key
