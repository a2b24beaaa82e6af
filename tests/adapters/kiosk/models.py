from __future__ import annotations

from django.conf import settings
from django.db import models


class Article(models.Model):
    article_name = models.CharField(max_length=40)
    genre = models.CharField(max_length=20)
    in_stock = models.IntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return self.article_name


class ArticlePrice(models.Model):
    article = models.OneToOneField(Article, models.CASCADE, related_name="tag")
    cost = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return str(self.cost)


class ArticleVariant(models.Model):
    """What is bought of an article: paper or file."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="variants")
    form = models.CharField(max_length=20)

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return self.form


class Sale(models.Model):
    STATES = [("N", "new"), ("X", "Cancelled by the customer")]

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    contact = models.EmailField(blank=True)
    delivered_on = models.DateTimeField(null=True)
    made_on = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=1, choices=STATES, default="N")
    is_paid = models.BooleanField(default=True)

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return f"Sale {self.pk}"


class SaleEntry(models.Model):
    sale = models.ForeignKey(Sale, models.CASCADE, related_name="entries")
    variant = models.ForeignKey(ArticleVariant, models.CASCADE, related_name="+")
    pieces = models.IntegerField(default=1)
    unit_cost = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return f"{self.pieces} × {self.variant_id}"


class Complaint(models.Model):
    """Other rows of a sale that lead to articles."""

    sale = models.ForeignKey(Sale, models.CASCADE, related_name="complaints")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return f"About {self.article}"


class Ebook(models.Model):
    name = models.CharField(max_length=40)
    price_cents = models.PositiveIntegerField()

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return self.name


class EbookSale(models.Model):
    """An order about one product, without lines."""

    ebook = models.ForeignKey(Ebook, models.CASCADE, related_name="+")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_on = models.DateTimeField(auto_now_add=True)
    copies = models.PositiveIntegerField(default=1)
    cents = models.PositiveIntegerField()

    class Meta:
        app_label = "kiosk"

    def __str__(self) -> str:
        return f"{self.copies} × {self.ebook_id}"
