from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from shop_demo.attributes import shown
from shop_demo.drawings import COLORS
from shop_demo.stores import CHINA, EUROPE, Store

#: Where a store's price of a product stands; a product without one is not sold there.
PRICE_FIELDS = {EUROPE.code: "price", CHINA.code: "price_cny"}


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


class Category(models.Model):
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(unique=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def sold_in(self, store: Store) -> Self:
        """What has a page in a store, sold out or not."""
        return self.filter(available=True, **{f"{PRICE_FIELDS[store.code]}__isnull": False})


class Product(models.Model):
    sku = models.CharField(_("SKU"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    launched_on = models.DateField(_("launched"), null=True, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    price = models.DecimalField(_("price"), max_digits=8, decimal_places=2)
    price_cny = models.DecimalField(
        _("price in China"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("in CNY; empty: not sold there"),
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)
    shape = models.CharField(
        _("picture"), max_length=20, blank=True, help_text=_("which drawing stands for it")
    )
    stock = models.PositiveIntegerField(_("stock"), default=0)
    available = models.BooleanField(_("available"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.sku])

    @property
    def for_sale(self) -> bool:
        return self.available and self.stock > 0

    @property
    def title(self) -> str:
        """The name in the language of the page, where there is one."""
        return (_in_chinese() and self.name_zh) or self.name

    @property
    def text(self) -> str:
        """The description in the language of the page, where there is one."""
        return (_in_chinese() and self.description_zh) or self.description

    def price_in(self, store: Store) -> Decimal | None:
        """What it costs in a store, None where it is not sold."""
        price: Decimal | None = getattr(self, PRICE_FIELDS[store.code])
        return price

    @property
    def shown_attributes(self) -> list[tuple[str, str]]:
        return shown(self.attributes)

    @property
    def picture_url(self) -> str:
        return reverse("picture", args=[self.sku])

    def count_stock(self) -> None:
        """The stock of a product with variants is the sum of theirs."""
        variants = self.variants.aggregate(kinds=Count("pk"), pieces=Sum("stock"))
        if variants["kinds"]:
            self.stock = variants["pieces"]
            self.save(update_fields=["stock"])


class Variant(models.Model):
    """A product in one size and color: what is really taken from the shelf."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("SKU"), max_length=48, unique=True)
    size = models.CharField(_("size"), max_length=20, blank=True)
    color = models.CharField(
        _("color"), max_length=20, blank=True, choices=[(name, gettext_lazy(name)) for name in COLORS]
    )
    stock = models.PositiveIntegerField(_("stock"), default=0)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "size", "color"], name="shop_demo_one_variant_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        """Its color and size, in the language of the page."""
        return " · ".join(part for part in (gettext(self.color) if self.color else "", self.size) if part)

    @property
    def picture_url(self) -> str:
        picture = reverse("picture", args=[self.product.sku])
        return f"{picture}?{urlencode({'color': self.color})}" if self.color else picture


class Price(models.Model):
    """What a product cost from a day on, until the next one."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices", verbose_name=_("product"))
    since = models.DateField(_("since"))
    price = models.DecimalField(_("price"), max_digits=8, decimal_places=2)
    price_cny = models.DecimalField(
        _("price in China"), max_digits=8, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(fields=["product", "since"], name="shop_demo_one_price_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.price} ({self.since})"

    def price_in(self, store: Store) -> Decimal | None:
        price: Decimal | None = getattr(self, PRICE_FIELDS[store.code])
        return price


class Order(models.Model):
    customer = models.ForeignKey(
        "auth.User", models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=20, unique=True)
    placed_at = models.DateTimeField(_("placed"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    discount = models.DecimalField(_("discount"), max_digits=8, decimal_places=2, default=0)
    store = models.CharField(_("store"), max_length=2, default=EUROPE.code)
    currency = models.CharField(_("currency"), max_length=3, default=EUROPE.currency)
    code = models.CharField(_("discount code"), max_length=64, blank=True)
    refunded = models.DecimalField(_("refunded"), max_digits=8, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]

    def __str__(self) -> str:
        return self.number

    @property
    def subtotal(self) -> Decimal:
        return sum((line.total for line in self.lines.all()), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("variant")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=8, decimal_places=2)
    discount = models.DecimalField(
        _("discount"),
        max_digits=8,
        decimal_places=2,
        default=0,
        help_text=_("this line’s share of the order’s"),
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def returned(self) -> int:
        """How many pieces came back."""
        return sum(one.quantity for one in self.returns.all())

    @property
    def left(self) -> int:
        """How many pieces may still come back."""
        return self.quantity - self.returned


class Return(models.Model):
    """Pieces of a line that came back, and what was paid back for them."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="returns", verbose_name=_("order line"))
    quantity = models.PositiveIntegerField(_("quantity"))
    amount = models.DecimalField(_("amount"), max_digits=8, decimal_places=2)
    returned_at = models.DateTimeField(_("returned"))

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["returned_at", "pk"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"
