from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.coupon import Coupon
from personalization.models.fields import DigestField, InstantField
from personalization.models.promotion import PersonUse, Promotion
from personalization.models.visitor import Visitor


class Redemption(models.Model):
    """A line of the ledger: one use of a promotion, held, used or given back. It outlives its person.

    ``digest`` is that of the caller's key, ``request`` that of what was asked under it: the same call again gets the
    same row. ``reserved_until`` is judged when it is read; ``expired`` is only written when the use was given back.
    """

    class State(models.IntegerChoices):
        RESERVED = 1, _("reserved")
        REDEEMED = 2, _("redeemed")
        RELEASED = 3, _("released")
        EXPIRED = 4, _("expired")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    digest = DigestField(editable=False)
    request = DigestField(editable=False)
    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="redemptions", verbose_name=_("promotion")
    )
    promotion_version = models.PositiveIntegerField(_("version of the promotion"))
    coupon = models.ForeignKey(
        Coupon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=_("coupon"),
    )
    visitor = models.ForeignKey(
        Visitor,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=_("visitor"),
    )
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.RESERVED)
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    shares = models.TextField(_("shares of the lines"))
    order = models.CharField(_("order"), max_length=64, blank=True, default="")
    reserved_until = InstantField(_("reserved until"))
    created_at = InstantField(_("created"))
    changed_at = InstantField(_("changed"))

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="personalization_redemption_key")
        ]
        indexes = [
            models.Index(fields=["tenant", "order"], name="personalization_redeemed_by"),
            # Not the promotion first: MariaDB would take it for the foreign key, and every change of the state would
            # lock the promotion's row, on which everybody waits.
            models.Index(fields=["state", "promotion", "reserved_until"], name="personalization_held_until"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class RedemptionUse(models.Model):
    """That a redemption counts for a person's limit; the promotion's and the coupon's counters it names itself."""

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="uses")
    use = models.ForeignKey(PersonUse, models.CASCADE, related_name="redemptions")

    class Meta:
        verbose_name = _("counted use")
        verbose_name_plural = _("counted uses")

    def __str__(self) -> str:
        return f"#{self.redemption_id}"
