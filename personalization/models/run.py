from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personalization.models.fields import DigestField, InstantField


class Run(models.Model):
    """Long work as a row: requested by anyone, done by one worker at a time, taken over when that one dies.

    ``busy`` is the digest of what the run excludes while it is requested or running, and NULL afterwards: the
    unique index lets any number of ended runs and only one live run of a kind exist. ``fence`` grows each time
    the run is taken, and whoever publishes must still hold the newest one.
    """

    class State(models.IntegerChoices):
        REQUESTED = 1, _("requested")
        RUNNING = 2, pgettext_lazy("state", "running")
        SUCCEEDED = 3, _("succeeded")
        FAILED = 4, _("failed")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    kind = models.CharField(_("kind"), max_length=32)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.REQUESTED)
    busy = DigestField(null=True, unique=True, editable=False)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    fence = models.PositiveIntegerField(_("fence"), default=0)
    requested_at = InstantField(_("requested"))
    started_at = InstantField(_("started"), null=True)
    heartbeat_at = InstantField(_("last sign of life"), null=True)
    lease_until = InstantField(_("leased until"), null=True)
    finished_at = InstantField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True, default="")
    report = models.JSONField(_("report"), default=dict, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
