from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import InstantField
from personalization.models.run import Run
from personalization.models.visitor import Visitor


class Build(models.Model):
    """One version of the tables that a recommender learned."""

    class State(models.IntegerChoices):
        BUILDING = 1, _("building")
        READY = 2, _("ready")
        FAILED = 3, _("failed")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    alias = models.CharField(_("recommender"), max_length=64)
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.BUILDING)
    run = models.ForeignKey(
        Run, models.SET_NULL, null=True, blank=True, related_name="builds", verbose_name=_("run")
    )
    recommender = models.JSONField(_("algorithm and options"), default=dict)
    prior_share = models.FloatField(_("share of the common ranking"), default=0)
    as_of = InstantField(_("learned as of"))
    created_at = InstantField(_("created"))
    published_at = InstantField(_("published"), null=True)
    items = models.PositiveIntegerField(_("items"), default=0)
    visitors = models.PositiveIntegerField(_("visitors"), default=0)
    interactions = models.PositiveBigIntegerField(_("interactions"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    visitor_rows = models.PositiveIntegerField(_("visitors with a list"), default=0)
    visitor_bytes = models.PositiveBigIntegerField(_("bytes of their lists"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    peak_rss_mb = models.FloatField(_("peak memory (MB)"), default=0)
    metrics = models.JSONField(_("metrics"), default=dict, blank=True)

    class Meta:
        verbose_name = _("build")
        verbose_name_plural = _("builds")
        indexes = [
            models.Index(fields=["tenant", "alias", "created_at"], name="personalization_build_latest")
        ]

    def __str__(self) -> str:
        return f"{self.alias} #{self.pk}"


class BuildRow(models.Model):
    """One packed row of a build's tables (see `personalization.engine.tables`)."""

    class Table(models.IntegerChoices):
        VOCABULARY = 1, "vocabulary"  #: row 0: item ids, int32, by item row
        RANKING = 2, "ranking"  #: row 0
        NEIGHBORS = 3, "neighbors"  #: by seed item row
        WEIGHTS = 4, "weights"  #: by source item row
        PRINTS = 5, "prints"  #: row 0: what all was learned from; row 1: the column of each item row, uint64

    pk = models.CompositePrimaryKey("build_id", "table", "row")
    build = models.ForeignKey(Build, models.CASCADE, related_name="rows", db_index=False)
    table = models.SmallIntegerField(choices=Table.choices)
    row = models.IntegerField()
    payload = models.BinaryField()

    class Meta:
        verbose_name = _("packed row")
        verbose_name_plural = _("packed rows")

    def __str__(self) -> str:
        return f"{self.get_table_display()} {self.row}"


class VisitorRow(models.Model):
    """What a build worked out for one visitor, packed: a table of its own, because it is about a person."""

    class Table(models.IntegerChoices):
        VISITORS = 1, _("new items")
        REPEATS = 2, _("all items")

    pk = models.CompositePrimaryKey("build_id", "visitor_id", "table")
    build = models.ForeignKey(
        Build, models.CASCADE, related_name="visitor_lists", db_index=False, verbose_name=_("build")
    )
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="+", verbose_name=_("visitor"))
    table = models.SmallIntegerField(_("for"), choices=Table.choices)
    payload = models.BinaryField(_("list"))

    class Meta:
        verbose_name = _("list of a visitor")
        verbose_name_plural = _("lists of visitors")

    def __str__(self) -> str:
        return f"{self.get_table_display()} {self.visitor_id}"


class LiveBuild(models.Model):
    """The pointer: which build of an alias is served. Changing this one row is publishing, or rolling back."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    alias = models.CharField(_("recommender"), max_length=64)
    build = models.ForeignKey(Build, models.PROTECT, related_name="live", verbose_name=_("build"))
    switched_at = InstantField(_("switched"))

    class Meta:
        verbose_name = _("live build")
        verbose_name_plural = _("live builds")
        constraints = [models.UniqueConstraint(fields=["tenant", "alias"], name="personalization_live_once")]

    def __str__(self) -> str:
        return f"{self.alias} → #{self.build_id}"
