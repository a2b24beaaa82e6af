from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from tests.hosts.boutique.customers import Customer
from tests.hosts.boutique.stores import STORES

if TYPE_CHECKING:
    from tests.hosts.boutique.stores import Store

__all__ = ["Customer", "Listing", "Order", "OrderLine", "Price", "Product", "Refund", "Stock"]

STORE_CHOICES = [(store.code, store.name) for store in STORES.values()]


class Goods(models.QuerySet):
    def shown(self, store: Store) -> Goods:
        """What hangs in a store: listed there, priced in its currency, and at least one size in stock."""
        in_stock = Stock.objects.filter(
            Q(product=OuterRef("pk")) | Q(product__parent=OuterRef("pk"), product__deleted_at=None),
            store=store.code,
            quantity__gt=0,
        )
        return self.filter(
            Exists(Listing.objects.filter(product=OuterRef("pk"), store=store.code)),
            Exists(Price.objects.filter(product=OuterRef("pk"), currency=store.currency)),
            Exists(in_stock),
            parent=None,
            deleted_at=None,
        )


class Kept(models.Manager.from_queryset(Goods)):
    """Without what was deleted."""

    def get_queryset(self) -> Goods:
        return super().get_queryset().filter(deleted_at=None)


class Product(models.Model):
    """A garment, one of its sizes (those have a parent), or something that is weighed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="variants")
    label = models.CharField("名称", max_length=120)
    size = models.CharField("尺码", max_length=10, blank=True)
    color = models.CharField("颜色", max_length=20, blank=True)
    department = models.CharField("部门", max_length=40, blank=True)
    by_weight = models.BooleanField("称重", default=False)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Kept()
    everything = models.Manager.from_queryset(Goods)()

    class Meta:
        verbose_name = "商品"
        verbose_name_plural = "商品"

    def __str__(self) -> str:
        return " ".join(filter(None, [self.label, self.color, self.size]))

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.parent_id or self.pk])

    def delete(self, *args: object, **kwargs: object) -> None:
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])


class Listing(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="listings")
    store = models.CharField(max_length=20, choices=STORE_CHOICES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "store"], name="boutique_listed_once")]

    def __str__(self) -> str:
        return f"{self.product_id} @ {self.store}"


class Price(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "currency"], name="boutique_one_price")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Stock(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="stocks")
    store = models.CharField(max_length=20, choices=STORE_CHOICES)
    quantity = models.DecimalField(max_digits=10, decimal_places=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "store"], name="boutique_one_stock")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id} @ {self.store}"


class Order(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="orders")
    email = models.EmailField()
    store = models.CharField(max_length=20, choices=STORE_CHOICES)
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "订单"
        verbose_name_plural = "订单"

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def total(self) -> Decimal:
        return sum((line.unit_price * line.quantity for line in self.lines.all()), Decimal(0))


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"


class Refund(models.Model):
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="refunds")
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    refunded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"-{self.quantity} × {self.line_id}"
