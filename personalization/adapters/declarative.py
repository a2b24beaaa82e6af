"""An adapter that a plain shop declares in a few lines, or not at all (``PRODUCT_MODEL`` alone)."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db.models import F, FileField, Model, Q, QuerySet
from django.urls import NoReverseMatch

from personalization.adapters import guesses
from personalization.adapters.base import Adapter, Page
from personalization.adapters.moments import instant_of
from personalization.adapters.orders import DeclarativeOrders
from personalization.adapters.paths import (
    as_stored,
    find_field,
    first_row,
    fits,
    number_of,
    plain_text,
    text_at,
    truth,
    value_at,
    way,
)
from personalization.adapters.users import names_of_users
from personalization.conf import settings
from personalization.engine.types import Card, ItemRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from personalization.adapters.paths import Way

_CHUNK = 2000


class DeclarativeAdapter(DeclarativeOrders):
    """Field names and lookup paths instead of code. Override a method where the shop is harder than that.

    Paths may lead over relations. Where they lead to several rows, such as prices in a table of their own, the oldest
    row that `row_q` lets through speaks for the product.
    """

    product_model: ClassVar[str] = ""  #: "app.Model"; default: the setting PRODUCT_MODEL
    key_field: ClassVar[str] = "pk"  #: unique; its text is the item key
    parent_field: ClassVar[str] = ""  #: from a variant to the product that is recommended in its place
    title_field: ClassVar[str] = ""
    category_field: ClassVar[str] = ""  #: a lookup path such as "category__name"
    brand_field: ClassVar[str] = ""
    price_field: ClassVar[str] = ""
    currency_field: ClassVar[str] = ""
    currency: ClassVar[str] = ""  #: ISO 4217, where all prices are in one
    stock_field: ClassVar[str] = ""  #: how many there are now: a number
    tags_field: ClassVar[str] = ""  #: text with |, a JSON list, or a relation
    attribute_fields: ClassVar[
        Mapping[str, str]
    ] = {}  #: what rules call it → a path, {"color": "colour__name"}
    image_field: ClassVar[str] = ""
    picture_descriptor_field: ClassVar[str] = ""  #: numbers that say what the picture looks like: a JSON list
    created_field: ClassVar[str] = ""  #: the newest products come first by it
    available: ClassVar[Q | None] = None  #: which products may be shown now
    deleted: ClassVar[Q | None] = (
        None  #: which rows are products no more: never shown, and learned as retired
    )

    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        for product in self._to_learn(tenant).order_by("pk").iterator(chunk_size=_CHUNK):
            yield self.record(product)

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        asked = set(keys)
        records = map(self.record, self.with_keys(self._to_learn(tenant), asked))
        return [record for record in records if record.key in asked]  # some databases find "A" for "a"

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        asked = set(keys)
        cards = (self.card(product, page) for product in self.with_keys(self.card_queryset(page), asked))
        return {card.key: card for card in cards if card.key in asked}

    def eligible_keys(self, keys: Iterable[str], page: Page) -> set[str]:
        asked = set(keys)
        shown = self.with_keys(self.card_queryset(page).filter(personalization_eligible=True), asked)
        return {str(key) for key in shown.values_list(self.key_field, flat=True)} & asked

    def newest_keys(self, count: int, page: Page) -> list[str]:
        shown = self.card_queryset(page).filter(personalization_eligible=True)
        keys = shown.order_by(*self._newest_first()).values_list(self.key_field, flat=True)
        return [str(key) for key in keys[:count]]

    def key_of(self, product: object) -> str:
        """The key of a product; of a variant the key of what is recommended for it."""
        if not isinstance(product, Model):
            return str(product)
        parent = value_at(product, self.parent_field)
        return text_at(product if parent is None else parent, self.key_field)

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        if not self.parent_field:
            return {}
        asked = set(keys)
        has_parent = {f"{self.parent_field}__isnull": False}
        variants = self.with_keys(self.model()._base_manager.filter(**has_parent), asked)
        pairs = variants.values_list(self.key_field, f"{self.parent_field}__{self.key_field}")
        return {str(variant): str(parent) for variant, parent in pairs if str(variant) in asked}

    def person_names(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        """Those of Django's users, where their primary key is what they are known by."""
        return names_of_users(keys) if type(self).user_key is Adapter.user_key else {}

    # What a subclass may want to change, smallest first.

    def price(self, product: Any, page: Page) -> str:
        """The price on this page, as decimal text in major units; '' when it is unknown."""
        return self.price_text(self._value(product, "price"))

    def currency_of(self, product: Any, page: Page) -> str:
        """In which currency that is."""
        return str(self._value(product, "currency") or self.currency)

    def title(self, product: Any) -> str:
        return str(self._value(product, "title") or product)

    def url(self, product: Any) -> str:
        """The product's page, '' when it has none: one product with an odd key must not cost the whole block."""
        try:
            return product.get_absolute_url() if hasattr(product, "get_absolute_url") else ""
        except NoReverseMatch:
            return ""

    def image(self, product: Any) -> str:
        """The address of its picture."""
        picture, column = self._value(product, "image"), self.ways["image"].field
        if picture and isinstance(column, FileField):
            return column.storage.url(str(picture))
        return str(picture or "")

    def picture_descriptor(self, product: Any) -> tuple[float, ...]:
        """What its picture looks like, as equally many numbers for every product; () where that is not known."""
        numbers = self._value(product, "picture_descriptor")
        return tuple(numbers) if isinstance(numbers, list | tuple) else ()

    def tags(self, product: Any) -> tuple[str, ...]:
        value = value_at(product, self.paths["tags"])
        if isinstance(value, str):
            return tuple(filter(None, value.split("|")))
        return tuple(str(tag) for tag in (value.all() if hasattr(value, "all") else value or ()))

    def brand(self, product: Any) -> str:
        """Who makes it; '' when it is unknown."""
        return str(self._value(product, "brand") or "")

    def attributes(self, product: Any) -> dict[str, str]:
        """What else rules may read of it, by name."""
        told = {name: plain_text(self._value(product, slot)) for name, slot in self._attribute_slots.items()}
        return {name: text for name, text in told.items() if text}

    def stock(self, product: Any, page: Page) -> int | Decimal | None:
        """How many there are for this page; None when it is unknown."""
        return number_of(self._value(product, "stock"))

    def listed_at(self, product: Any) -> int | None:
        """Since when it is sold, UTC microseconds."""
        moment = value_at(product, self.paths["created"])
        try:
            return instant_of(moment) if isinstance(moment, date) else None
        except OverflowError:  # the first day of the calendar, in a zone east of Greenwich
            return None

    def row_q(self, relation: str, page: Page) -> Q:
        """Which of several related rows speak on this page: ``Q(prices__currency="EUR")`` for "prices"."""
        return Q()

    def eligible_q(self, page: Page) -> Q:
        """Which products may be shown on this page: a condition that may depend on its store and language."""
        return guesses.available_q(self.model()) if self.available is None else self.available

    def products(self) -> QuerySet[Any]:
        """Every product there is, without variants; eligibility comes on top."""
        products: QuerySet[Any] = self.model()._default_manager.all()
        return products.filter(**{f"{self.parent_field}__isnull": True}) if self.parent_field else products

    def card_queryset(self, page: Page) -> QuerySet[Any]:
        """What cards are made from, in one query, with a column ``personalization_eligible``."""
        shown = truth(self.model(), self.eligible_q(page))
        products = self.products() if self._deleted is None else self.products().exclude(self._deleted)
        cards: QuerySet[Any] = self._fetched(products, page).annotate(personalization_eligible=shown)
        return cards

    def record(self, product: Any) -> ItemRecord:
        """What learning keeps of a product. What is sold out is learned from all the same: it may come back."""
        return ItemRecord(
            key=text_at(product, self.key_field),
            title=self.title(product),
            category=str(self._value(product, "category") or ""),
            price=self.price_text(self._value(product, "price")),
            currency=str(self._value(product, "currency") or self.currency),
            tags=self.tags(product),
            url=self.url(product),
            image=self.image(product),
            active=not getattr(product, "personalization_deleted", False),
            brand=self.brand(product),
            attributes=self.attributes(product),
            listed_at=self.listed_at(product),
            picture_descriptor=self.picture_descriptor(product),
        )

    def card(self, product: Any, page: Page) -> Card:
        """What a page shows of a product."""
        return Card(
            key=text_at(product, self.key_field),
            title=self.title(product),
            url=self.url(product),
            image=self.image(product),
            price=self.price(product, page),
            currency=self.currency_of(product, page),
            category=str(self._value(product, "category") or ""),
            eligible=bool(product.personalization_eligible),
            brand=self.brand(product),
            stock=self.stock(product, page),
            tags=self.tags(product) if self._card_has_tags else None,
            attributes=self.attributes(product),
            listed_at=self.listed_at(product),
        )

    def model(self) -> type[Model]:
        return apps.get_model(self.product_model or settings.PRODUCT_MODEL)

    def with_keys(self, queryset: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any]:
        """The products of these keys. A key that cannot be one of this model is no product."""
        usable = [key for key in keys if fits(self.model(), self.key_field, key)]
        return queryset.filter(**{f"{self.key_field}__in": usable})

    # How names are found, once per process.

    @cached_property
    def paths(self) -> dict[str, str]:
        found = {
            name: getattr(self, f"{name}_field") or guesses.product_path(name, self.model())
            for name in guesses.PRODUCT
        }
        return found | {slot: self.attribute_fields[name] for name, slot in self._attribute_slots.items()}

    @cached_property
    def _attribute_slots(self) -> dict[str, str]:
        """What the paths of attributes go by: their names need not be such as columns may have."""
        return {name: f"attribute_{place}" for place, name in enumerate(self.attribute_fields)}

    @cached_property
    def ways(self) -> dict[str, Way]:
        return {name: way(self.model(), path) for name, path in self.paths.items()}

    @cached_property
    def _card_has_tags(self) -> bool:
        """Rows of tags would cost a statement more on every page: rules read those that learning keeps."""
        tags = self.ways["tags"]
        return tags.field is not None and not tags.many

    @cached_property
    def _deleted(self) -> Q | None:
        return guesses.deleted_q(self.model()) if self.deleted is None else self.deleted

    def _value(self, product: Any, name: str) -> Any:
        if self.ways[name].many:
            return as_stored(self.ways[name].field, getattr(product, f"personalization_{name}", None))
        return value_at(product, self.paths[name])

    def _to_learn(self, tenant: str) -> QuerySet[Any]:
        products = self._fetched(self.products(), Page(tenant=tenant))
        tags = self.ways["tags"]
        return products.prefetch_related(self.paths["tags"]) if tags.many else products

    def _fetched(self, products: QuerySet[Any], page: Page) -> QuerySet[Any]:
        """With all that the paths lead to, in the same query."""
        columns: dict[str, Any] = {}
        for name, path in self.ways.items():
            if path.many and name not in ("tags", "created"):
                speaks = self.row_q(path.many[0], page)
                columns[f"personalization_{name}"] = first_row(self.model(), self.paths[name], speaks)
        if self._deleted is not None:
            columns["personalization_deleted"] = truth(self.model(), self._deleted)
        joins = {path.joins for path in self.ways.values()} - {""}
        products = products.select_related(*joins) if joins else products
        fetched: QuerySet[Any] = products.annotate(**columns)
        return fetched

    def _newest_first(self) -> list[Any]:
        """By when products were added; keys that count upwards tell it too."""
        created = self.paths["created"]
        if not created:
            return ["-pk"]
        may_lack = getattr(find_field(self.model(), created), "null", True) or None
        return [F(created).desc(nulls_last=may_lack), "-pk"]
