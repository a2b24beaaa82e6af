from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personalization.models.fields import DigestField, InstantField


class Promotion(models.Model):
    """A condition and a benefit. ``taken`` counts the redemptions that hold or have used it, with and without a limit."""

    class State(models.IntegerChoices):
        DRAFT = 1, _("draft")
        RUNNING = 2, pgettext_lazy("state", "running")
        PAUSED = 3, _("paused")
        ARCHIVED = 4, _("archived")

    class Benefit(models.IntegerChoices):
        PERCENT = 1, _("percent off")
        AMOUNT = 2, _("amount off")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    title = models.CharField(_("title"), max_length=255)
    note = models.TextField(_("note"), blank=True, default="")
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.DRAFT)
    rule = models.TextField(_("who and when"), blank=True, default="", help_text=_("empty: everyone"))
    targets = models.TextField(
        _("which lines"), blank=True, default="", help_text=_("empty: all lines of the cart")
    )
    benefit = models.SmallIntegerField(_("benefit"), choices=Benefit.choices)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    cap = models.DecimalField(
        _("at most"), max_digits=15, decimal_places=4, null=True, blank=True, help_text=_("empty: no limit")
    )
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    starts_at = InstantField(_("starts"), null=True, blank=True)
    ends_at = InstantField(_("ends"), null=True, blank=True)
    priority = models.IntegerField(_("priority"), default=0)
    needs_code = models.BooleanField(_("needs a code"), default=False)
    limit_total = models.PositiveIntegerField(_("limit in all"), null=True, blank=True)
    limit_person = models.PositiveIntegerField(_("limit for a person"), null=True, blank=True)
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = InstantField(_("created"))
    updated_at = InstantField(_("updated"))

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        indexes = [models.Index(fields=["tenant", "state"], name="personalization_promotion_live")]

    def __str__(self) -> str:
        return self.title


class PersonUse(models.Model):
    """How often one identity holds or has used a promotion. The digest names nobody whose identities are not known."""

    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="uses", db_index=False, verbose_name=_("promotion")
    )
    digest = DigestField(editable=False, db_index=True)
    taken = models.PositiveIntegerField(_("taken"), default=0)

    class Meta:
        verbose_name = _("use by a person")
        verbose_name_plural = _("uses by people")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "digest"], name="personalization_use_once")
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id} × {self.taken}"
