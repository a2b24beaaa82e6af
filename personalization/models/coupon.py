from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import DigestField, InstantField
from personalization.models.promotion import Promotion
from personalization.models.visitor import Visitor


class Coupon(models.Model):
    """A code that unlocks a promotion. The digest is that of the normalized code, so that ``save-10`` is ``SAVE10``."""

    class State(models.IntegerChoices):
        ACTIVE = 1, _("active")
        REVOKED = 2, _("revoked")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="coupons", verbose_name=_("promotion")
    )
    code = models.CharField(_("code"), max_length=64)
    digest = DigestField(editable=False)
    limit = models.PositiveIntegerField(_("limit"), null=True, blank=True)
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    owner = models.ForeignKey(
        Visitor,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=_("owner"),
    )
    owned = models.BooleanField(_("for its owner alone"), default=False, editable=False)
    expires_at = InstantField(_("expires"), null=True, blank=True)
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.ACTIVE)
    created_at = InstantField(_("created"))

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="personalization_coupon_code")
        ]

    def __str__(self) -> str:
        return self.code
