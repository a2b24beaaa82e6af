"""What shops call things: names that are tried, in this order, where the host declares none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Q

from personalization.adapters.moments import is_moment
from personalization.adapters.paths import field_names, find_field, first_of, number_names
from personalization.adapters.rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

PRODUCT: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "name", "label"),
    "category": ("category",),
    "brand": ("brand", "manufacturer", "vendor"),
    "price": ("price", "unit_price"),
    "currency": ("currency",),
    "stock": (
        "stock",
        "stock_quantity",
        "quantity_in_stock",
        "num_in_stock",
        "in_stock",
        "inventory",
        "inventory_quantity",
        "quantity",
    ),
    "tags": (),
    "image": ("image", "picture", "photo", "main_image"),
    "picture_descriptor": (),
    "created": ("created_at", "created", "date_created", "date_added", "added_at", "published_at"),
}
ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "date": (
        "placed_at",
        "date_placed",
        "ordered_at",
        "ordered_date",
        "order_date",
        "date_ordered",
        "purchased_at",
        "created_at",
        "created",
        "date_created",
        "date",
    ),
    "currency": ("currency",),
    "store": (),
}
LINE: Final[Mapping[str, tuple[str, ...]]] = {
    "product": ("product", "item", "variant", "sku"),
    "quantity": ("quantity", "qty", "count"),
    "price": ("unit_price", "price", "unit_price_incl_tax"),
}
AVAILABLE: Final = ("available", "is_available", "is_active", "active", "is_public", "published")
DELETED: Final = ("deleted_at", "deleted_on", "date_deleted", "is_deleted", "deleted")
CHANGED: Final = (
    "updated_at",
    "updated",
    "date_updated",
    "modified_at",
    "modified",
    "changed_at",
    "paid_at",
    "cancelled_at",
    "canceled_at",
    "refunded_at",
)
USER: Final = ("user", "customer", "owner", "buyer", "account", "profile")
EMAIL: Final = ("email", "guest_email", "customer_email", "user_email")
LINES: Final = ("lines", "items", "order_lines", "order_items", "orderline_set", "orderitem_set")
REFUND_DATE: Final = ("refunded_at", "returned_at", "created_at", "created", "date")


def product_path(name: str, model: type[Model]) -> str:
    """What a product's title, price … is called; '' when there is nothing of the kind."""
    found = first_of(PRODUCT[name], number_names(model) if name == "stock" else field_names(model))
    return "" if name == "brand" and _is_person(model, found) else found


def available_q(model: type[Model]) -> Q:
    """Nothing of the kind: all are available."""
    return Q(**{name: True for name in AVAILABLE if isinstance(find_field(model, name), BooleanField)})


def deleted_q(model: type[Model]) -> Q | None:
    for name in DELETED:
        field = find_field(model, name)
        if isinstance(field, BooleanField):
            return Q(**{name: True})
        if is_moment(field) and field.null:
            return Q(**{f"{name}__isnull": False})
    return None


def changed_names(model: type[Model]) -> tuple[str, ...]:
    return tuple(name for name in CHANGED if is_moment(find_field(model, name)))


def user_path(model: type[Model]) -> str:
    """The way from an order to who can sign in, over a profile if need be; '' when there is none."""
    for name in USER:
        related = _related(model, name)
        if related and issubclass(get_user_model(), related):
            return name
        if related and (further := _link(related, get_user_model())):
            return f"{name}__{further}"
    return ""


def email_path(model: type[Model]) -> str:
    own = first_of(EMAIL, field_names(model))
    owners = (name for name in USER if (related := _related(model, name)) and find_field(related, "email"))
    return own or next((f"{name}__email" for name in owners), "")


def lines(order: type[Model], product: type[Model]) -> Rows | None:
    """Rows of an order that name products; the order itself where it is about one product."""
    several = {rows.accessors[0]: rows for rows in rows_of(order)}
    linked = {
        name: rows
        for name, rows in several.items()
        if rows.model is product or line_product(rows.model, product, order)
    }
    if usual := first_of(LINES, linked):
        return linked[usual]
    if len(linked) == 1:
        return linked.popitem()[1]
    if _link(order, product):
        return Rows(order)
    usual = first_of(LINES, several)
    return several[usual] if usual and first_of(LINE["product"], field_names(several[usual].model)) else None


def line_product(line: type[Model], product: type[Model], order: type[Model]) -> str:
    """The way from a line to its product, over a variant if need be."""
    if direct := _link(line, product):
        return direct
    for field in line._meta.fields:
        further = field.related_model
        if isinstance(further, type) and further is not order and (path := _link(further, product)):
            return f"{field.name}__{path}"
    return ""


def refund_line(refund: type[Model], line: type[Model]) -> str:
    """The way from a refund to the line that it is about."""
    return _link(refund, line)


def _related(model: type[Model], name: str) -> Any:
    return getattr(find_field(model, name), "related_model", None)


def _is_person(model: type[Model], name: str) -> bool:
    """On a market place the vendor is somebody who signs in: no brand."""
    related = _related(model, name)
    return bool(related) and issubclass(get_user_model(), related)


def _link(model: type[Model], target: type[Model]) -> str:
    """The field that points from one model at another."""
    for field in model._meta.fields:
        if field.related_model and issubclass(target, field.related_model):
            return field.name
    return ""
