from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.engine.types import Kind
from personalization.models.event import KIND_LABELS
from personalization.models.fields import InstantField


class EventCount(models.Model):
    """How often something happened on a day of the shop's calendar; whose doing it was is not said, so it outlives the events.

    ``day``: `datetime.date.toordinal`. ``campaign``: which one was seen or clicked, 0 for none; ``held_out``: it would
    have been seen without the holdout.
    """

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    day = models.PositiveIntegerField(_("day"))
    kind = models.SmallIntegerField(_("kind"), choices=[(kind.value, KIND_LABELS[kind]) for kind in Kind])
    campaign = models.PositiveBigIntegerField(_("campaign"), default=0, db_index=True)
    held_out = models.BooleanField(_("held out"), default=False)
    count = models.PositiveBigIntegerField(_("count"))

    class Meta:
        verbose_name = _("count of events")
        verbose_name_plural = _("counts of events")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "kind", "campaign", "held_out"], name="personalization_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} × {self.count}"


class CountedEvents(models.Model):
    """Which events are in the counts: one row for all tenants.

    ``upto``: the last that is; ``newest``: the newest there was at ``looked_at``.
    """

    upto = models.PositiveBigIntegerField(_("counted up to"), default=0)
    newest = models.PositiveBigIntegerField(_("newest event"), default=0)
    looked_at = InstantField(_("looked at"))

    class Meta:
        verbose_name = _("counted events")
        verbose_name_plural = _("counted events")

    def __str__(self) -> str:
        return str(self.upto)
