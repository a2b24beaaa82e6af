from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.models.fields import DigestField, InstantField


class Item(models.Model):
    """What is recommended: interns the host's key, and holds the catalog of hosts that import theirs."""

    class Origin(models.IntegerChoices):
        ADAPTER = 1, _("the shop's own tables")
        IMPORT = 2, _("an import")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    key = models.CharField(_("key"), max_length=255)
    digest = DigestField(editable=False)
    origin = models.SmallIntegerField(_("origin"), choices=Origin.choices, default=Origin.ADAPTER)
    title = models.CharField(_("title"), max_length=255, blank=True, default="")
    category = models.CharField(_("category"), max_length=255, blank=True, default="")
    price = models.DecimalField(_("price"), max_digits=15, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    tags = models.JSONField(_("tags"), blank=True, default=list)
    url = models.CharField(_("address"), max_length=500, blank=True, default="")
    image = models.CharField(_("image"), max_length=500, blank=True, default="")
    active = models.BooleanField(_("active"), default=True)
    brand = models.CharField(_("brand"), max_length=255, blank=True, default="")
    attributes = models.JSONField(_("attributes"), blank=True, default=dict)
    listed_at = InstantField(_("listed"), null=True, blank=True)
    stock = models.DecimalField(
        _("stock"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("only what an import told; the shop's own is asked live"),
    )
    picture_descriptor = models.BinaryField(
        _("what the picture looks like"), null=True, blank=True
    )  #: float32, little-endian
    created_at = InstantField(_("created"))
    updated_at = InstantField(_("updated"))

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="personalization_item_key")]

    def __str__(self) -> str:
        return f"{self.title} ({self.key})" if self.title else self.key
