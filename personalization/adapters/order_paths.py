"""The paths by which the orders of a shop are read: as declared, else by the usual names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Prefetch, Q

from personalization.adapters import guesses
from personalization.adapters.moments import moment_of
from personalization.adapters.paths import field_names, first_of, holds, way
from personalization.adapters.rows import Rows, find_rows
from personalization.exceptions import PersonalizationError

if TYPE_CHECKING:
    from django.db.models import Model


class DeclarationError(PersonalizationError, ImproperlyConfigured):
    """An adapter declares too little, or what is not there."""


@dataclass(frozen=True, slots=True)
class OrderPaths:
    """Paths from an order, from a line, and from a refund; '' where a shop has no such thing."""

    model: type[Model]
    date: str
    changed: tuple[str, ...]
    user: str
    email: str
    currency: str
    store: str
    lines: Rows
    product: str
    quantity: str
    price: str
    parent: str
    refunds: Rows | None
    refund_product: str
    refund_quantity: str
    refund_price: str
    refund_date: str

    @classmethod
    def of(cls, declared: Any, order: type[Model], product: type[Model]) -> OrderPaths:
        """``declared``: an adapter with its attributes."""
        lines = _lines(declared, order, product)
        own: dict[str, Any] = {
            name: getattr(declared, f"order_{name}_field") or first_of(usual, field_names(order))
            for name, usual in guesses.ORDER.items()
        }
        if not own["date"]:
            raise DeclarationError(
                f"no field of {order._meta.label} says when it was placed; set order_date_field"
            )
        line: dict[str, Any] = {
            "product": declared.line_product_field or _line_product(lines.model, product, order),
            "quantity": declared.line_quantity_field or _quantity(lines.model, product),
            "price": declared.line_price_field or _usual("price", lines.model),
        }
        return cls(
            model=order,
            **own,
            changed=tuple(declared.order_changed_fields) or guesses.changed_names(order),
            user=declared.order_user_field or guesses.user_path(order),
            email=declared.order_email_field or guesses.email_path(order),
            lines=lines,
            **line,
            parent=declared.parent_field,
            **_refunds(declared, order, lines, line),
        )

    @property
    def joins(self) -> tuple[str, ...]:
        """What is fetched along with an order."""
        paths = (self.date, self.user, self.email, self.currency, self.store)
        return tuple(sorted({way(self.model, path).joins for path in paths} - {""}))

    @property
    def prefetched(self) -> list[Prefetch[Any]]:
        """What is fetched for a chunk of orders."""
        names = [self.product, self.quantity, self.price]
        found = _fetched(self.lines, names, parent=self._joined_parent(self.lines.model, self.product))
        if self.refunds:
            names = [self.refund_product, self.refund_quantity, self.refund_price, self.refund_date]
            parent = self._joined_parent(self.refunds.model, self.refund_product)
            found = {**_fetched(self.refunds, names, parent=parent), **found}
        return list(found.values())

    def changed_q(self, since: int) -> Q:
        """Which orders were placed or changed at or after an instant (UTC microseconds)."""
        paths = [self.date, *self.changed]
        if self.refunds and self.refund_date:
            paths.append("__".join(filter(None, (self.refunds.path, self.refund_date))))
        found = Q()
        for path in paths:
            since_then = Q(**{f"{path}__gte": moment_of(since, way(self.model, path).field)})
            found |= Q(holds(self.model, since_then))
        return found

    def _joined_parent(self, model: type[Model], product: str) -> str:
        """The way to the product that a line's variant stands for."""
        leads_to_one = self.parent and way(model, product).joins == product
        return "__".join(filter(None, (product, self.parent))) if leads_to_one else ""


def _fetched(rows: Rows, names: list[str], *, parent: str) -> dict[str, Prefetch[Any]]:
    """A prefetch per step to the rows, the last of them with all that is read of a row in the same query."""
    found: dict[str, Prefetch[Any]] = {}
    for count in range(1, len(rows.accessors) + 1):
        path = "__".join(rows.accessors[:count])
        found[path] = Prefetch(path)
    if found:
        joins = {*[way(rows.model, name).joins for name in names], parent} - {""}
        queryset = rows.model._default_manager.all()
        found[path] = Prefetch(path, queryset.select_related(*joins) if joins else queryset)
    return found


def _usual(name: str, model: type[Model]) -> str:
    return first_of(guesses.LINE[name], field_names(model))


def _lines(declared: Any, order: type[Model], product: type[Model]) -> Rows:
    if declared.lines_name:
        return _declared_rows(order, "lines_name", declared.lines_name)
    found = guesses.lines(order, product)
    if found is None:
        raise DeclarationError(
            f"no relation of {order._meta.label} leads to lines that name products; set lines_name, or override "
            "orders() and order_record()"
        )
    return found


def _line_product(line: type[Model], product: type[Model], order: type[Model]) -> str:
    """The path to a line's product; '' for lines that are products themselves."""
    return "" if line is product else guesses.line_product(line, product, order) or _usual("product", line)


def _quantity(line: type[Model], product: type[Model]) -> str:
    """Where lines are products themselves, their quantity is what is in stock."""
    return "" if line is product else _usual("quantity", line)


def _refunds(declared: Any, order: type[Model], lines: Rows, line: dict[str, str]) -> dict[str, Any]:
    """How refunds are read; by way of the line they are about where they name no product themselves."""
    names = {f"refund_{name}": "" for name in ("product", "quantity", "price", "date")}
    if not declared.refunds_name:
        return {"refunds": None, **names}
    rows = _declared_rows(order, "refunds_name", declared.refunds_name)
    about = guesses.refund_line(rows.model, lines.model) if lines.accessors else ""
    by_line = {name: f"{about}__{path}" if about and path else "" for name, path in line.items()}
    usual_date = first_of(guesses.REFUND_DATE, field_names(rows.model))
    return {
        "refunds": rows,
        "refund_product": declared.refund_product_field
        or by_line["product"]
        or _usual("product", rows.model),
        "refund_quantity": declared.refund_quantity_field or _usual("quantity", rows.model),
        "refund_price": by_line["price"],
        "refund_date": declared.refund_date_field or usual_date,
    }


def _declared_rows(order: type[Model], attribute: str, path: str) -> Rows:
    found = find_rows(order, path)
    if found is None:
        raise DeclarationError(
            f"{attribute} = {path!r} is no relation from {order._meta.label} to several rows"
        )
    return found
