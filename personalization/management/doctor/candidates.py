"""Which of the installed models are a shop's products, orders and lines: by what they have, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import DecimalField, EmailField, FloatField, IntegerField

from personalization.adapters import guesses
from personalization.adapters.moments import is_moment
from personalization.adapters.paths import field_names, first_of
from personalization.adapters.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

_NOT_THE_SHOPS: Final = ("django.", "personalization.", "rest_framework.")
_PRODUCT_WORDS: Final = ("product", "article", "item", "good", "book", "dish", "merch")
_VARIANT_WORDS: Final = ("variant", "variation", "size", "stock", "sku", "offer")
_ORDER_WORDS: Final = ("order", "purchase", "sale", "invoice", "checkout")
_NO_PRODUCT: Final = (
    "order",
    "cart",
    "basket",
    "line",
    "review",
    "wish",
    "image",
    "categor",
    *_VARIANT_WORDS,
)
_NO_ORDER: Final = ("cart", "basket", "wish", "review", "refund", "return", "categor", "product")
_PRICE_WORDS: Final = ("price", "amount", "cost", "cents")
_NUMBER: Final = (IntegerField, DecimalField, FloatField)
#: A model with less does not look like a product at all.
_LEAST: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """The models of a shop, and how much speaks for them."""

    product: type[Model]
    order: type[Model] | None = None
    line: type[Model] | None = None
    score: int = 0


def find(product: type[Model] | None = None) -> Candidate | None:
    """The likeliest models, or the likeliest orders of a product that is known; None when nothing looks like a shop."""
    models = [model for model in apps.get_models() if not model.__module__.startswith(_NOT_THE_SHOPS)]
    alone = [product] if product else models
    found = [Candidate(model, score=product_score(model)) for model in alone]
    ways = (one for model in models for one in (*_with_orders(model, models), *_alone(model)))
    found += [one for one in ways if product in (None, one.product)]
    likely = [one for one in found if product or product_score(one.product) >= _LEAST]
    return max(likely, key=lambda one: one.score, default=None)


def product_score(model: type[Model]) -> int:
    """How much speaks for a model of products."""
    fields, name = field_names(model), model.__name__.lower()
    score = 3 * is_named(name, _PRODUCT_WORDS) - 4 * is_named(name, _NO_PRODUCT)
    score += 2 * bool(first_of(guesses.PRODUCT["title"], fields)) + bool(first_of(("category",), fields))
    score += 3 * bool(price_column(model)) or 2 * any(price_column(rows.model) for rows in rows_of(model))
    score += bool(guesses.available_q(model)) + hasattr(model, "get_absolute_url")
    return score - 2 * any(_leads_to(field, get_user_model()) for field in model._meta.fields)


def price_column(model: type[Model]) -> str:
    """A number that is called a price; '' when there is none."""
    numbers = [field.name for field in model._meta.fields if isinstance(field, _NUMBER)]
    usual = first_of(guesses.PRODUCT["price"], numbers)
    return usual or next((name for name in numbers if is_named(name, _PRICE_WORDS)), "")


def in_cents(model: type[Model]) -> bool:
    """Whether a price says by its name that it is one of whole cents."""
    return is_named(price_column(model), ("cent", "penn", "pence"))


def quantity_column(model: type[Model]) -> str:
    numbers = [field.name for field in model._meta.fields if isinstance(field, _NUMBER)]
    usual = first_of(guesses.LINE["quantity"], numbers)
    return usual or next(
        (name for name in numbers if is_named(name, ("quant", "qty", "pieces", "copies", "count"))), ""
    )


def date_column(model: type[Model]) -> str:
    """When a row was made: by its usual name, else the first moment that is filled by itself, else the first."""
    moments: list[Any] = [field for field in model._meta.fields if is_moment(field)]
    usual = first_of(guesses.ORDER["date"], [field.name for field in moments])
    return usual or next((field.name for field in sorted(moments, key=_not_by_itself)), "")


def user_column(model: type[Model]) -> str:
    known = guesses.user_path(model)
    return known or next(
        (field.name for field in model._meta.fields if _leads_to(field, get_user_model())), ""
    )


def email_column(model: type[Model]) -> str:
    known = guesses.email_path(model)
    return known or next((field.name for field in model._meta.fields if isinstance(field, EmailField)), "")


def _with_orders(line: type[Model], models: Iterable[type[Model]]) -> Iterator[Candidate]:
    """What a model would be the lines of: an order, or itself where an order is about one product."""
    ahead = [field.related_model for field in line._meta.fields if isinstance(field.related_model, type)]
    behind = [rows.model for rows in rows_of(line)]  # an order that names its lines by many to many
    for order in {*ahead, *behind}:
        if order not in models or order in (line, get_user_model()) or not date_column(order):
            continue
        for product in ahead:
            own = _parent(product)
            if product is not order and own is not order and own in models:
                score = product_score(own) + _order_score(order) + _line_score(line)
                yield Candidate(own, order, line, score)


def _alone(order: type[Model]) -> Iterator[Candidate]:
    """Where each order is about one product and has no lines."""
    known = date_column(order) and (user_column(order) or email_column(order))
    if known and is_named(order.__name__.lower(), _ORDER_WORDS):
        for field in order._meta.fields:
            product: Any = field.related_model
            if isinstance(product, type) and product_score(product) >= _LEAST:
                yield Candidate(product, order, order, product_score(product) + _order_score(order))


def _parent(product: type[Model]) -> type[Model]:
    """Of a model of variants the model of what they are variants of."""
    if is_named(product.__name__.lower(), _VARIANT_WORDS):
        for field in product._meta.fields:
            further = field.related_model
            if isinstance(further, type) and product_score(further) >= _LEAST:
                return further
    return product


def _order_score(order: type[Model]) -> int:
    name = order.__name__.lower()
    score = 4 * is_named(name, _ORDER_WORDS) - 4 * is_named(name, _NO_ORDER)
    return score + 2 * bool(user_column(order) or email_column(order))


def _line_score(line: type[Model]) -> int:
    score = 2 * bool(quantity_column(line)) + bool(price_column(line))
    return score + is_named(line.__name__.lower(), ("line", "item", "entry", *_ORDER_WORDS))


def is_named(name: str, words: Iterable[str]) -> bool:
    return any(word in name for word in words)


def _leads_to(field: Any, target: type[Model]) -> bool:
    return isinstance(field.related_model, type) and issubclass(target, field.related_model)


def _not_by_itself(field: Any) -> bool:
    return not field.auto_now_add
