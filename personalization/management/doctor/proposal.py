"""The lines that a shop would write, for the models that look like its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db.models import BooleanField, CharField

from personalization.adapters import guesses
from personalization.adapters.moments import is_moment
from personalization.adapters.paths import field_names, find_field, first_of
from personalization.adapters.rows import rows_of
from personalization.management.doctor import candidates
from personalization.management.doctor.candidates import is_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from personalization.management.doctor.candidates import Candidate

_PARENT: Final = ("parent", "parent_product", "master", "base_product")
_CATEGORY: Final = ("categor", "department", "collection", "genre", "section")
_COUNTS: Final = ("paid", "is_paid", "ordered", "is_ordered", "completed", "is_completed", "complete")
_CANCELLED: Final = ("cancelled_at", "canceled_at", "cancelled", "canceled", "is_cancelled", "is_canceled")
_STATUS: Final = ("status", "state")
_GIVEN_BACK: Final = ("refund", "return")


@dataclass(frozen=True, slots=True)
class Proposal:
    """``file`` and what to write there; ``setting``: the line that names it."""

    file: str
    code: str
    setting: str


def propose(found: Candidate) -> Proposal:
    """An adapter for these models."""
    module = f"{apps.get_app_config(found.product._meta.app_label).name}.personal"
    attributes = [*product_lines(found.product), *(order_lines(found) if found.order else ())]
    needs_q = any("Q(" in line for line in attributes)
    imports = ["from django.db.models import Q\n"] if needs_q else []
    head = [*imports, "from personalization.adapters import DeclarativeAdapter\n\n"]
    body = ["class ShopAdapter(DeclarativeAdapter):", *[f"    {line}" for line in attributes]]
    return Proposal(
        file=f"{module.replace('.', '/')}.py",
        code="\n".join([*head, *body]),
        setting=f'PERSONALIZATION = {{"ADAPTER": "{module}.ShopAdapter"}}',
    )


def product_lines(product: type[Model]) -> list[str]:
    """What is not found by itself."""
    return [f'product_model = "{product._meta.label}"', *_product_lines(product)]


def order_lines(found: Candidate) -> list[str]:
    order, line = found.order, found.line
    if order is None or line is None:
        return []
    return [f'order_model = "{order._meta.label}"', *_order_lines(order), *_line_lines(found, order, line)]


def _product_lines(product: type[Model]) -> Iterator[str]:
    fields = field_names(product)
    if parent := first_of(_PARENT, fields):
        yield f'parent_field = "{parent}"'
    if not first_of(guesses.PRODUCT["title"], fields) and (title := _title(product)):
        yield f'title_field = "{title}"'
    if category := _category(product):
        yield f'category_field = "{category}"'
    price = _price(product)
    if price:
        yield f'price_field = "{price}"'
    if candidates.in_cents(product):
        yield "prices_in_cents = True"
    currency = f"{price.rpartition('__')[0]}__currency" if price else "currency"
    if "__" in price and _has_currency(product, price):
        yield f'currency_field = "{currency}"'
    elif "currency" not in fields:
        yield 'currency = "EUR"  # the currency of your prices'
    if stock := guesses.product_path("stock", product):
        others = [f"{name}=True" for name in guesses.AVAILABLE if _is_flag(product, name)]
        yield f"available = Q({', '.join([*others, f'{stock}__gt=0'])})"


def _title(product: type[Model]) -> str:
    texts = [f.name for f in product._meta.fields if isinstance(f, CharField) and not f.choices]
    return next((name for name in texts if "name" in name or "title" in name), texts[0] if texts else "")


def _category(product: type[Model]) -> str:
    """A relation to something that is called a category, by its name."""
    for field in (*product._meta.fields, *product._meta.many_to_many):
        related = field.related_model
        if isinstance(related, type) and is_named(f"{field.name} {related.__name__}".lower(), _CATEGORY):
            name = first_of(guesses.PRODUCT["title"], field_names(related))
            return f"{field.name}__{name}" if name else field.name
    plain = (f.name for f in product._meta.fields if isinstance(f, CharField) and f.name != "category")
    return next((name for name in plain if is_named(name, _CATEGORY)), "")


def _price(product: type[Model]) -> str:
    """A path to the price, where its name is not a usual one."""
    own = candidates.price_column(product)
    if own:
        return "" if own in guesses.PRODUCT["price"] else own
    for relation in product._meta.related_objects:
        model = relation.related_model
        column = candidates.price_column(model)
        if column and is_named(model.__name__.lower(), ("price", "offer", "variant")):
            return f"{relation.name}__{column}"
    return ""


def _has_currency(product: type[Model], price: str) -> bool:
    relation: Any = find_field(product, price.partition("__")[0])
    return "currency" in field_names(relation.related_model)


def _order_lines(order: type[Model]) -> Iterator[str]:
    fields = field_names(order)
    if not first_of(guesses.ORDER["date"], fields):
        yield f'order_date_field = "{candidates.date_column(order)}"'
    user, email = candidates.user_column(order), candidates.email_column(order)
    if user and not guesses.user_path(order):
        yield f'order_user_field = "{user}"'
    if email and not guesses.email_path(order):
        yield f'order_email_field = "{email}"'
    if counts := next((name for name in _COUNTS if _is_flag(order, name)), ""):
        yield f"order_counts = Q({counts}=True)"
    if cancelled := _cancelled(order):
        yield f"order_cancelled = {cancelled}"


def _cancelled(order: type[Model]) -> str:
    for name in _CANCELLED:
        field = find_field(order, name)
        if isinstance(field, BooleanField):
            return f"Q({name}=True)"
        if is_moment(field):
            return f"Q({name}__isnull=False)"
    for name in _STATUS:
        for value, label in getattr(find_field(order, name), "flatchoices", ()):
            if "cancel" in f"{value} {label}".lower():
                return f"Q({name}={json.dumps(value)})"
    return ""


def _line_lines(found: Candidate, order: type[Model], line: type[Model]) -> Iterator[str]:
    lines = next((rows for rows in rows_of(order) if rows.model is line), None)
    guessed = guesses.lines(order, found.product)
    if lines and (guessed is None or guessed.model is not line):
        yield f'lines_name = "{lines.accessors[0]}"'
    for name, column in (
        ("quantity", candidates.quantity_column(line)),
        ("price", candidates.price_column(line)),
    ):
        if column and column not in guesses.LINE[name]:
            yield f'line_{name}_field = "{column}"'
    for rows in rows_of(line):
        if lines and is_named(rows.model.__name__.lower(), _GIVEN_BACK):
            yield f'refunds_name = "{lines.accessors[0]}__{rows.accessors[0]}"'
            return


def _is_flag(model: type[Model], name: str) -> bool:
    return isinstance(find_field(model, name), BooleanField)
