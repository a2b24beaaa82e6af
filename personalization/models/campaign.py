from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import InstantField
from personalization.models.promotion import Promotion
from personalization.models.visitor import Visitor


class Campaign(models.Model):
    """Who sees what in a slot, and when. Whether it is running is read from its instants: nothing starts it."""

    class State(models.IntegerChoices):
        DRAFT = 1, _("draft")
        ACTIVE = 2, _("active")
        PAUSED = 3, _("paused")
        ARCHIVED = 4, _("archived")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    title = models.CharField(_("title"), max_length=255)
    note = models.TextField(_("note"), blank=True, default="")
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.DRAFT)
    rule = models.TextField(_("who and when"), blank=True, default="", help_text=_("empty: everyone"))
    slot = models.CharField(_("slot"), max_length=64)
    priority = models.IntegerField(_("priority"), default=0)
    starts_at = InstantField(_("starts"), null=True, blank=True)
    ends_at = InstantField(_("ends"), null=True, blank=True)
    holdout_share = models.DecimalField(
        _("share that does not see it"), max_digits=5, decimal_places=4, default=0, help_text=_("0 to 1")
    )
    cap_count = models.PositiveIntegerField(_("shown at most"), null=True, blank=True)
    cap_days = models.PositiveIntegerField(_("within days"), null=True, blank=True)
    headline = models.CharField(_("headline"), max_length=255, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    link = models.CharField(_("link"), max_length=1000, blank=True, default="")
    image = models.FileField(
        _("image"), upload_to="personalization/campaigns", max_length=255, blank=True, default=""
    )
    items_slot = models.CharField(
        _("slot of its items"), max_length=64, blank=True, default="", help_text=_("empty: no items")
    )
    promotion = models.ForeignKey(
        Promotion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("promotion"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = InstantField(_("created"))
    updated_at = InstantField(_("updated"))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [models.Index(fields=["tenant", "state"], name="personalization_campaign_live")]

    def __str__(self) -> str:
        return self.title


class CampaignView(models.Model):
    """How often a visitor saw a campaign on a day of the shop's calendar, or would have seen it without the holdout.

    ``day``: `datetime.date.toordinal`.
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="views", db_index=False, verbose_name=_("campaign")
    )
    visitor = models.ForeignKey(
        Visitor, models.CASCADE, related_name="campaign_views", verbose_name=_("visitor")
    )
    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    day = models.PositiveIntegerField(_("day"))
    impressions = models.PositiveIntegerField(_("impressions"), default=0)
    clicks = models.PositiveIntegerField(_("clicks"), default=0)
    last_at = InstantField(_("last"))

    class Meta:
        verbose_name = _("views of a campaign")
        verbose_name_plural = _("views of campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "visitor", "day"], name="personalization_campaign_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} × {self.impressions}"
