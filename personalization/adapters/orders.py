"""Orders of a plain shop, read by field names and lookup paths."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from personalization.adapters.base import Adapter
from personalization.adapters.moments import instant_of
from personalization.adapters.order_paths import OrderPaths
from personalization.adapters.paths import fits, holds, number_text, text_at, truth, value_at
from personalization.engine.ids import is_key
from personalization.engine.types import Identity, IdentityKind, OrderLine, OrderRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHUNK = 500


class DeclarativeOrders(Adapter):
    """The part of `DeclarativeAdapter` that reads orders. Without ``order_model`` there are none to read."""

    order_model: ClassVar[str] = ""  #: "app.Model"
    order_key_field: ClassVar[str] = "pk"  #: unique; its text is the order's key
    order_counts: ClassVar[Q | None] = (
        None  #: which orders count, such as Q(paid=True); default: all with a date
    )
    order_cancelled: ClassVar[Q | None] = None  #: which orders were taken back as a whole
    order_date_field: ClassVar[str] = ""  #: when it was placed: a moment, aware or naive, or a date
    order_changed_fields: ClassVar[Sequence[str]] = ()  #: when it was paid, cancelled, last saved
    order_user_field: ClassVar[str] = ""  #: a path to who signs in, such as "customer__user"
    order_email_field: ClassVar[str] = ""  #: for orders without a user
    order_currency_field: ClassVar[str] = ""  #: default: ``currency`` of the adapter
    order_store_field: ClassVar[str] = ""
    lines_name: ClassVar[str] = ""  #: the relation from an order to its lines
    line_product_field: ClassVar[str] = ""  #: a relation, or a column that holds the product's key
    line_quantity_field: ClassVar[str] = ""
    line_price_field: ClassVar[str] = ""  #: of one piece
    refunds_name: ClassVar[str] = ""  #: the relation to what was given back, such as "lines__refunds"
    refund_product_field: ClassVar[str] = ""
    refund_quantity_field: ClassVar[str] = ""
    refund_date_field: ClassVar[str] = ""
    currency: ClassVar[str] = ""  #: ISO 4217
    prices_in_cents: ClassVar[bool] = False  #: 1250 is 12.50, in products and in lines

    def iter_orders(self, since: int, tenant: str = "") -> Iterator[OrderRecord]:
        if not self.order_model:
            return iter(())
        changed = self.orders().filter(self.changed_q(since)).order_by(self.order_paths.date, "pk")
        # No generator: that would be at its end after an order that cannot be read.
        return map(self.order_record, changed.iterator(chunk_size=_CHUNK))

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        if not self.order_model or not fits(self._orders_model(), self.order_key_field, key):
            return None
        order = self.orders().filter(**{self.order_key_field: key}).first()
        # Some databases find "W1" when asked for "w1".
        return None if order is None or self.order_key(order) != key else self.order_record(order)

    def order_key(self, order: object) -> str:
        return text_at(order, self.order_key_field) if isinstance(order, Model) else super().order_key(order)

    @abstractmethod
    def model(self) -> type[Model]:
        """The model of the products."""

    # What a subclass may want to change, smallest first.

    def order_identity(self, order: Any) -> Identity | None:
        """Whose order it is: its user's, else its e-mail address's."""
        user = value_at(order, self.order_paths.user)
        if user is not None:
            return Identity(IdentityKind.USER, self.user_key(user))
        email = text_at(order, self.order_paths.email)
        return Identity(IdentityKind.EMAIL, email) if is_key(email) else None

    def order_line(self, line: Any) -> OrderLine | None:
        """A line; None for one whose product is gone."""
        paths = self.order_paths
        product = value_at(line, paths.product) if paths.product else line
        if product is None or product == "":
            return None
        return OrderLine(
            item=self.key_of(product),
            quantity=number_text(value_at(line, paths.quantity)) or "1",
            unit_price=self.price_text(value_at(line, paths.price)),
            key=str(line.pk),
        )

    def price_text(self, value: Any) -> str:
        """What a column of prices holds, as decimal text in major units; '' for nothing."""
        cents = self.prices_in_cents and value is not None
        return number_text(Decimal(value).scaleb(-2) if cents else value)

    def order_refunds(self, order: Any) -> Iterator[OrderLine]:
        """What was given back of an order so far."""
        paths = self.order_paths
        for refund in paths.refunds.of(order) if paths.refunds else ():
            product, moment = value_at(refund, paths.refund_product), value_at(refund, paths.refund_date)
            if product is not None and product != "":
                yield OrderLine(
                    item=self.key_of(product),
                    quantity=number_text(value_at(refund, paths.refund_quantity)) or "1",
                    unit_price=self.price_text(value_at(refund, paths.refund_price)),
                    key=str(refund.pk),
                    at=None if moment is None else instant_of(moment),
                )

    def orders(self) -> QuerySet[Any]:
        """Every order that counts, with whatever `order_record` reads fetched along."""
        model, paths = self._orders_model(), self.order_paths
        orders: QuerySet[Any] = model._default_manager.filter(
            holds(model, self.order_counts), **{f"{paths.date}__isnull": False}
        )
        if joins := paths.joins:
            orders = orders.select_related(*joins)
        if self.order_cancelled is not None:
            orders = orders.annotate(personalization_cancelled=truth(model, self.order_cancelled))
        return orders.prefetch_related(*paths.prefetched)

    def changed_q(self, since: int) -> Q:
        """Which orders were placed or changed at or after an instant (UTC microseconds)."""
        return self.order_paths.changed_q(since)

    def order_record(self, order: Any) -> OrderRecord:
        """What is learned from an order."""
        paths = self.order_paths
        lines = map(self.order_line, paths.lines.of(order))
        return OrderRecord(
            key=self.order_key(order),
            placed_at=instant_of(value_at(order, paths.date)),
            lines=tuple(line for line in lines if line is not None),
            refunds=tuple(self.order_refunds(order)),
            identity=self.order_identity(order),
            currency=text_at(order, paths.currency) or self.currency,
            store=text_at(order, paths.store),
            cancelled=bool(getattr(order, "personalization_cancelled", False)),
        )

    def _orders_model(self) -> type[Model]:
        return apps.get_model(self.order_model)

    @cached_property
    def order_paths(self) -> OrderPaths:
        """How names are found, once per process."""
        return OrderPaths.of(self, self._orders_model(), self.model())
