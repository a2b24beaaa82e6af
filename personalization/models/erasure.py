from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.engine.types import IdentityKind
from personalization.models.fields import DigestField, InstantField
from personalization.models.visitor import IDENTITY_LABELS


class Erasure(models.Model):
    """Somebody was erased: what comes late, or is imported again, must not bring them back.

    The digest is keyed by SECRET_KEY, so that the row does not tell who it was.
    """

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    kind = models.SmallIntegerField(
        _("kind"), choices=[(kind.value, IDENTITY_LABELS[kind]) for kind in IdentityKind]
    )
    digest = DigestField(editable=False)
    erased_at = InstantField(_("erased"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "digest"], name="personalization_erasure_key")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
