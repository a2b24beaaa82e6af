"""An adapter that a plain shop declares in a few lines, or not at all (``PRODUCT_MODEL`` alone)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.apps import apps
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.urls import NoReverseMatch

from personalization.adapters.orders import DeclarativeOrders
from personalization.adapters.paths import field_names, first_of, fits, text_at, value_at
from personalization.conf import settings
from personalization.engine.types import Card, ItemRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from personalization.adapters.base import Page

#: Field names that shops use, tried in this order when the host declares nothing.
TITLE_NAMES: Final = ("title", "name", "label")
PRICE_NAMES: Final = ("price", "unit_price")
CATEGORY_NAMES: Final = ("category",)
AVAILABLE_NAMES: Final = ("available", "is_available", "is_active", "active", "is_public", "published")


class DeclarativeAdapter(DeclarativeOrders):
    """Field names and lookup paths instead of code. Override a method where the shop is harder than that."""

    product_model: ClassVar[str] = ""  #: "app.Model"; default: the setting PRODUCT_MODEL
    key_field: ClassVar[str] = "pk"  #: unique; its text is the item key
    parent_field: ClassVar[str] = ""  #: a variant's product, which is recommended in its place
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
        return {card.key: card for card in (self.card(product, page) for product in products)}

    def eligible_keys(self, keys: Iterable[str], page: Page) -> set[str]:
        asked = set(keys)
        shown = self.with_keys(self.card_queryset(page).filter(personalization_eligible=True), asked)
        return {str(key) for key in shown.values_list(self.key_field, flat=True)} & asked

    def newest_keys(self, count: int, page: Page) -> list[str]:
        newest = self.card_queryset(page).filter(personalization_eligible=True).order_by("-pk")
        return [str(key) for key in newest.values_list(self.key_field, flat=True)[:count]]

    def key_of(self, product: object) -> str:
        """The key of a product; of a variant the key of what is recommended for it."""
        if not isinstance(product, Model):
            return str(product)
        parent = value_at(product, self.parent_field)
        return text_at(product if parent is None else parent, self.key_field)

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        if not self.parent_field:
            return {}
        has_parent = {f"{self.parent_field}__isnull": False}
        variants = self.with_keys(self.model()._base_manager.filter(**has_parent), keys)
        pairs = variants.values_list(self.key_field, f"{self.parent_field}__{self.key_field}")
        return {str(variant): str(parent) for variant, parent in pairs}

    # What a subclass may want to change, smallest first.

    def model(self) -> type[Model]:
        return apps.get_model(self.product_model or settings.PRODUCT_MODEL)

    def products(self) -> QuerySet[Any]:
        """Every product there is, without variants; eligibility comes on top."""
        related = self._name("category_field", CATEGORY_NAMES).split("__")[0]
        relations = {field.name for field in self.model()._meta.get_fields() if field.is_relation}
        queryset = self.model()._default_manager.all()
        if self.parent_field:
            queryset = queryset.filter(**{f"{self.parent_field}__isnull": True})
        return queryset.select_related(related) if related in relations else queryset

    def card_queryset(self, page: Page) -> QuerySet[Any]:
        """What cards are made from: one query, whatever the cards show must be fetched by it."""
        eligible = ExpressionWrapper(self.eligible_q(page), output_field=BooleanField())
        queryset: QuerySet[Any] = self.products().annotate(personalization_eligible=eligible)
        return queryset

    def eligible_q(self, page: Page) -> Q:
        """Which products may be shown on this page: a condition that may depend on its store and language."""
        if self.available is not None:
            return self.available
        fields = field_names(self.model())
        return Q(**{name: True for name in AVAILABLE_NAMES if name in fields}) or Q(pk__isnull=False)

    def record(self, product: Any) -> ItemRecord:
        """What learning keeps of a product."""
        return ItemRecord(
            key=text_at(product, self.key_field),
            title=text_at(product, self._name("title_field", TITLE_NAMES)) or str(product),
            category=text_at(product, self._name("category_field", CATEGORY_NAMES)),
            price=text_at(product, self._name("price_field", PRICE_NAMES)),
            currency=self.currency,
            tags=self._tags(product),
            url=self.url(product),
            image=text_at(product, self.image_field),
        )

    def card(self, product: Any, page: Page) -> Card:
        """What a page shows of a product."""
        return Card(
            key=text_at(product, self.key_field),
            title=text_at(product, self._name("title_field", TITLE_NAMES)) or str(product),
            url=self.url(product),
            image=text_at(product, self.image_field),
            price=self.price(product, page),
            currency=self.currency_of(product, page),
            category=text_at(product, self._name("category_field", CATEGORY_NAMES)),
            eligible=bool(product.personalization_eligible),
        )

    def price(self, product: Any, page: Page) -> str:
        """The price on this page, as decimal text in major units; '' when it is unknown."""
        return text_at(product, self._name("price_field", PRICE_NAMES))

    def currency_of(self, product: Any, page: Page) -> str:
        """In which currency that is."""
        return self.currency

    def url(self, product: Any) -> str:
        """The product's page, '' when it has none: one product with an odd key must not cost the whole block."""
        try:
            return product.get_absolute_url() if hasattr(product, "get_absolute_url") else ""
        except NoReverseMatch:
            return ""

    def with_keys(self, queryset: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any]:
        """The products of these keys. A key that cannot be one of this model is no product."""
        usable = [key for key in keys if fits(self.model(), self.key_field, key)]
        return queryset.filter(**{f"{self.key_field}__in": usable})

    def _name(self, attribute: str, guesses: tuple[str, ...]) -> str:
        declared: str = getattr(self, attribute)
        return declared or first_of(guesses, field_names(self.model()))

    def _tags(self, product: Any) -> tuple[str, ...]:
        value = getattr(product, self.tags_field, None) if self.tags_field else None
        return tuple(value.split("|")) if isinstance(value, str) and value else tuple(value or ())
