from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.engine.types import Kind
from personalization.models.fields import DigestField, InstantField
from personalization.models.item import Item
from personalization.models.visitor import Visitor

#: The kinds as people read them.
KIND_LABELS: Final = {
    Kind.VIEW: _("view"),
    Kind.IMPRESSION: _("impression"),
    Kind.CLICK: _("click"),
    Kind.CART_ADD: _("put into the cart"),
    Kind.CART_REMOVE: _("taken out of the cart"),
    Kind.WISH: _("wish"),
    Kind.PURCHASE: _("purchase"),
    Kind.REFUND: _("refund"),
    Kind.RATE: _("rating"),
    Kind.SEARCH: _("search"),
    Kind.HIDE: _("hidden"),
    Kind.SHARE: _("shared"),
    Kind.MAIL_OPEN: _("mail opened"),
}


class Event(models.Model):
    """One thing that happened. Rows are only ever added, or erased with their person.

    The foreign keys have no database constraint: checking two parents per row would double the cost of the
    largest table, and whoever removes a visitor or an item removes its events in the same transaction.
    """

    class Source(models.IntegerChoices):
        CODE = 1, _("the shop's code")
        IMPORT = 2, _("an import")
        BEACON = 3, _("the browser")
        ORDERS = 4, _("the shop's orders")

    digest = DigestField(unique=True, editable=False)
    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    kind = models.SmallIntegerField(_("kind"), choices=[(kind.value, KIND_LABELS[kind]) for kind in Kind])
    source = models.SmallIntegerField(_("source"), choices=Source.choices)
    flags = models.SmallIntegerField(_("flags"), default=0, help_text=_("1 bot, 2 staff, 4 prefetch"))
    visitor = models.ForeignKey(
        Visitor,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("visitor"),
    )
    item = models.ForeignKey(
        Item,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("item"),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=15, decimal_places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, default="", blank=True)
    profit = models.DecimalField(_("profit"), max_digits=15, decimal_places=4, null=True)
    order = models.CharField(_("order"), max_length=64, default="", blank=True)
    query = models.CharField(_("search text"), max_length=200, default="", blank=True)
    recommendation = models.CharField(_("recommendation"), max_length=32, default="", blank=True)
    position = models.PositiveSmallIntegerField(
        _("position"), null=True, help_text=_("in the answer, from 1")
    )
    store = models.CharField(_("store"), max_length=32, default="", blank=True)
    occurred_at = InstantField(_("occurred"))
    received_at = InstantField(_("received"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["visitor", "occurred_at"], name="personalization_event_recent")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
