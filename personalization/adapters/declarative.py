"""An adapter that a plain shop declares in a few lines, or not at all (``PRODUCT_MODEL`` alone)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.urls import NoReverseMatch

from personalization.adapters.base import Adapter, Page
from personalization.conf import settings
from personalization.engine.ids import is_key
from personalization.engine.types import Card, ItemRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Field names that shops use, tried in this order when the host declares nothing.
TITLE_NAMES = ("title", "name", "label")
PRICE_NAMES = ("price", "unit_price")
CATEGORY_NAMES = ("category",)
AVAILABLE_NAMES = ("available", "is_available", "is_active", "active", "is_public", "published")


class DeclarativeAdapter(Adapter):
    """Field names and lookup paths instead of code. Override a method where the shop is harder than that."""

    product_model: ClassVar[str] = ""  #: "app.Model"; default: the setting PRODUCT_MODEL
    key_field: ClassVar[str] = "pk"  #: unique; its text is the item key
    title_field: ClassVar[str] = ""
    category_field: ClassVar[str] = ""  #: a lookup path such as "category__name"
    price_field: ClassVar[str] = ""
    currency: ClassVar[str] = ""  #: ISO 4217
    tags_field: ClassVar[str] = ""  #: text with |, or a JSON list
    image_field: ClassVar[str] = ""
    available: ClassVar[Q | None] = None  #: which products may be shown now

    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        for product in self.products().iterator(chunk_size=2000):
            yield self.record(product)

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        return [self.record(product) for product in self.with_keys(self.products(), keys)]

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        products = self.with_keys(self.card_queryset(page), keys)
        return {card.key: card for card in (self.card(product) for product in products)}

    def newest_keys(self, count: int, page: Page) -> list[str]:
        newest = self.products().filter(self.available_q()).order_by("-pk")
        return [str(key) for key in newest.values_list(self.key_field, flat=True)[:count]]

    def key_of(self, product: object) -> str:
        return self._text(product, self.key_field) if isinstance(product, Model) else str(product)

    # What a subclass may want to change, smallest first.

    def model(self) -> type[Model]:
        return apps.get_model(self.product_model or settings.PRODUCT_MODEL)

    def products(self) -> QuerySet[Any]:
        """Every product there is; eligibility comes on top."""
        related = [path.split("__")[0] for path in (self._name("category_field", CATEGORY_NAMES),) if path]
        fields = {field.name for field in self.model()._meta.get_fields() if field.is_relation}
        queryset = self.model()._default_manager.all()
        joined = [name for name in related if name in fields]
        return queryset.select_related(*joined) if joined else queryset

    def card_queryset(self, page: Page) -> QuerySet[Any]:
        """What cards are made from: one query, whatever the cards show must be fetched by it."""
        eligible = ExpressionWrapper(self.available_q(), output_field=BooleanField())
        queryset: QuerySet[Any] = self.products().annotate(personalization_eligible=eligible)
        return queryset

    def available_q(self) -> Q:
        """Which products may be shown now, as a condition on the product."""
        if self.available is not None:
            return self.available
        fields = {field.name for field in self.model()._meta.get_fields()}
        return Q(**{name: True for name in AVAILABLE_NAMES if name in fields}) or Q(pk__isnull=False)

    def record(self, product: Any) -> ItemRecord:
        """What learning keeps of a product."""
        return ItemRecord(
            key=self._text(product, self.key_field),
            title=self._text(product, self._name("title_field", TITLE_NAMES)),
            category=self._text(product, self._name("category_field", CATEGORY_NAMES)),
            price=self._text(product, self._name("price_field", PRICE_NAMES)),
            currency=self.currency,
            tags=self._tags(product),
            url=self.url(product),
        )

    def card(self, product: Any) -> Card:
        """What a page shows of a product."""
        return Card(
            key=self._text(product, self.key_field),
            title=self._text(product, self._name("title_field", TITLE_NAMES)) or str(product),
            url=self.url(product),
            image=self._text(product, self.image_field),
            price=self._text(product, self._name("price_field", PRICE_NAMES)),
            currency=self.currency,
            category=self._text(product, self._name("category_field", CATEGORY_NAMES)),
            eligible=bool(product.personalization_eligible),
        )

    def url(self, product: Any) -> str:
        """The product's page, '' when it has none: one product with an odd key must not cost the whole block."""
        try:
            return product.get_absolute_url() if hasattr(product, "get_absolute_url") else ""
        except NoReverseMatch:
            return ""

    def with_keys(self, queryset: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any]:
        """The products of these keys. A key that cannot be one of this model is no product."""
        field = (
            self.model()._meta.pk if self.key_field == "pk" else self.model()._meta.get_field(self.key_field)
        )
        return queryset.filter(**{f"{self.key_field}__in": [key for key in keys if _fits(field, key)]})

    def _name(self, attribute: str, guesses: tuple[str, ...]) -> str:
        declared: str = getattr(self, attribute)
        if declared:
            return declared
        fields = {field.name for field in self.model()._meta.get_fields()}
        return next((name for name in guesses if name in fields), "")

    def _text(self, product: Any, path: str) -> str:
        value = product
        for name in path.split("__") if path else ():
            value = getattr(value, name, None)
        return "" if not path or value is None else str(value)

    def _tags(self, product: Any) -> tuple[str, ...]:
        value = getattr(product, self.tags_field, None) if self.tags_field else None
        return tuple(value.split("|")) if isinstance(value, str) and value else tuple(value or ())


def _fits(field: Any, key: str) -> bool:
    """Whether a key's text is exactly how the host would write a value of this column."""
    try:
        return is_key(key) and str(field.to_python(key)) == key and field.get_prep_value(key) is not None
    except Exception:  # noqa: BLE001 - a field may raise anything for text that is not one of its values
        return False
