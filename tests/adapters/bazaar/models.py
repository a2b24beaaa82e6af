from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Floor(models.Model):
    name = models.CharField(max_length=40)

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return self.name


class Shelf(models.Model):
    name = models.CharField(max_length=40)
    floor = models.ForeignKey(Floor, models.CASCADE, related_name="+")

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"{self.floor}: {self.name}"


class Mark(models.Model):
    word = models.CharField(max_length=40)

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return self.word


class Good(models.Model):
    """Keys that do not count, variants, rows that stay when they are deleted, prices and stock in other tables."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="variants")
    shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, related_name="goods")
    marks = models.ManyToManyField(Mark, related_name="goods")
    facts = models.JSONField(default=dict)
    picture = models.FileField()
    is_deleted = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        app_label = "bazaar"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"Good {self.code}"

    def get_title(self) -> str:
        return self.code.title()


class Price(models.Model):
    good = models.ForeignKey(Good, models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.FloatField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Stock(models.Model):
    good = models.ForeignKey(Good, models.CASCADE)  # reached by stock_set, asked for by stock
    market = models.CharField(max_length=20)
    pieces = models.DecimalField(max_digits=8, decimal_places=3)

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"{self.pieces} @ {self.market}"


class Client(models.Model):
    """Who buys; perhaps somebody who can sign in."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    email = models.EmailField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return self.email


class Purchase(models.Model):
    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Client, models.SET_NULL, null=True, related_name="purchases")
    order_date = models.DateTimeField(null=True)  # null while it is a draft
    updated = models.DateTimeField()
    market = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)

    class Meta:
        app_label = "bazaar"
        ordering = ["-number"]

    def __str__(self) -> str:
        return self.number


class PurchaseRow(models.Model):
    purchase = models.ForeignKey(Purchase, models.CASCADE)  # reached by purchaserow_set
    thing = models.ForeignKey(Good, models.SET_NULL, null=True, related_name="+")
    qty = models.DecimalField(max_digits=8, decimal_places=3)
    unit_price = models.FloatField()

    class Meta:
        app_label = "bazaar"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.qty} × {self.thing_id}"


class Payment(models.Model):
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="payments")
    state = models.CharField(max_length=20)

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return self.state


class Return(models.Model):
    row = models.ForeignKey(PurchaseRow, models.CASCADE, related_name="returns")
    quantity = models.DecimalField(max_digits=8, decimal_places=3)
    returned_at = models.DateTimeField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"-{self.quantity} × {self.row_id}"


class BasketItem(models.Model):
    item = models.ForeignKey(Good, models.CASCADE, related_name="+")
    quantity = models.IntegerField(default=1)

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_id}"


class Basketful(models.Model):
    """A cart that becomes an order: its lines are linked by many to many, and exist before it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    items = models.ManyToManyField(BasketItem)
    ordered = models.BooleanField(default=False)
    ordered_date = models.DateTimeField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"Basket {self.pk}"


class Booking(models.Model):
    """An order of one product, on a day."""

    good = models.ForeignKey(Good, models.CASCADE, related_name="+")
    email = models.EmailField(blank=True)
    date = models.DateField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"{self.good_id} on {self.date}"


class Wishful(models.Model):
    """An order of some products, without quantities."""

    goods = models.ManyToManyField(Good, related_name="+")
    created = models.DateTimeField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"Wishes {self.pk}"


class Receipt(models.Model):
    """Lines that name products by their code, in a column of text."""

    created_at = models.DateTimeField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return f"Receipt {self.pk}"


class ReceiptLine(models.Model):
    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=40)
    amount = models.IntegerField()

    class Meta:
        app_label = "bazaar"

    def __str__(self) -> str:
        return self.sku
