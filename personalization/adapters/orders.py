"""Orders of a plain shop, read by field names and lookup paths."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.apps import apps
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.utils import timezone

from personalization.adapters.base import Adapter
from personalization.adapters.lookup import accessors, field_names, first_of, fits, text_at, value_at
from personalization.conf import settings
from personalization.engine.instants import from_micros, to_micros
from personalization.engine.types import Identity, IdentityKind, OrderLine, OrderRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Field names that shops use, tried in this order when the host declares nothing.
DATE_NAMES: Final = (
    "placed_at",
    "date_placed",
    "ordered_at",
    "ordered_date",
    "created_at",
    "created",
    "date",
)
CHANGED_NAMES: Final = ("updated_at", "updated", "modified_at", "modified", "changed_at")
USER_NAMES: Final = ("user", "customer", "owner", "buyer", "account")
EMAIL_NAMES: Final = ("email", "guest_email", "customer_email", "user_email")
CURRENCY_NAMES: Final = ("currency",)
LINES_NAMES: Final = ("lines", "items", "order_items", "orderline_set", "orderitem_set")
PRODUCT_NAMES: Final = ("product", "item", "variant")
QUANTITY_NAMES: Final = ("quantity", "qty", "amount", "count")
UNIT_PRICE_NAMES: Final = ("unit_price", "price", "unit_price_incl_tax")
_CHUNK: Final = 500


class DeclarativeOrders(Adapter):
    """The part of `DeclarativeAdapter` that reads orders. Without ``order_model`` there are none to read."""

    order_model: ClassVar[str] = ""  #: "app.Model"
    order_key_field: ClassVar[str] = "pk"  #: unique; its text is the order's key
    order_counts: ClassVar[Q | None] = None  #: which orders count, such as Q(paid=True); default: all
    order_cancelled: ClassVar[Q | None] = None  #: which orders were taken back as a whole
    order_date_field: ClassVar[str] = ""
    order_changed_field: ClassVar[str] = ""  #: when an order was last saved, if the shop keeps that
    order_user_field: ClassVar[str] = ""
    order_email_field: ClassVar[str] = ""
    order_currency_field: ClassVar[str] = ""  #: a lookup path; default: ``currency`` of the adapter
    order_store_field: ClassVar[str] = ""
    lines_name: ClassVar[str] = ""  #: the relation from an order to its lines
    line_product_field: ClassVar[str] = ""
    line_quantity_field: ClassVar[str] = ""
    line_price_field: ClassVar[str] = ""
    refunds_name: ClassVar[str] = ""  #: the relation from an order to what was given back
    refund_product_field: ClassVar[str] = ""
    refund_quantity_field: ClassVar[str] = ""
    refund_date_field: ClassVar[str] = ""
    currency: ClassVar[str] = ""  #: ISO 4217

    def iter_orders(self, since: int, tenant: str = "") -> Iterator[OrderRecord]:
        if not self.order_model:
            return
        changed = (
            self.orders().filter(self.changed_q(since)).order_by(self._order_name("date", DATE_NAMES), "pk")
        )
        for order in changed.iterator(chunk_size=_CHUNK):
            yield self.order_record(order)

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        if not self.order_model or not fits(self._order(), self.order_key_field, key):
            return None
        order = self.orders().filter(**{self.order_key_field: key}).first()
        # Some databases find "W1" when asked for "w1".
        return None if order is None or self.order_key(order) != key else self.order_record(order)

    def order_key(self, order: object) -> str:
        return text_at(order, self.order_key_field) if isinstance(order, Model) else super().order_key(order)

    # What a subclass may want to change, smallest first.

    def orders(self) -> QuerySet[Any]:
        """Every order that counts, with whatever `order_record` reads fetched along."""
        orders: QuerySet[Any] = self._order()._default_manager.filter(self.order_counts or Q())
        orders = orders.prefetch_related(*self._prefetched())
        if self.order_cancelled is None:
            return orders
        cancelled = ExpressionWrapper(self.order_cancelled, output_field=BooleanField())
        return orders.annotate(personalization_cancelled=cancelled)

    def changed_q(self, since: int) -> Q:
        """Which orders were placed or changed at or after an instant (UTC microseconds)."""
        names = [self._order_name("date", DATE_NAMES), self._order_name("changed", CHANGED_NAMES)]
        conditions = [Q(**{f"{name}__gte": self._bound(name, since)}) for name in names if name]
        return Q(*conditions, _connector=Q.OR)

    def order_record(self, order: Any) -> OrderRecord:
        """What is learned from an order."""
        lines = getattr(order, self._lines()).all()
        records = [line for line in map(self.order_line, lines) if line is not None]
        return OrderRecord(
            key=self.order_key(order),
            placed_at=instant_of(value_at(order, self._order_name("date", DATE_NAMES))),
            lines=tuple(records),
            refunds=tuple(self._refunds(order)),
            identity=self.order_identity(order),
            currency=text_at(order, self._order_name("currency", CURRENCY_NAMES)) or self.currency,
            store=text_at(order, self.order_store_field),
            cancelled=bool(getattr(order, "personalization_cancelled", False)),
        )

    def order_line(self, line: Any) -> OrderLine | None:
        """A line; None for one whose product is gone."""
        product = value_at(line, self._line_name("product", PRODUCT_NAMES))
        if product is None:
            return None
        return OrderLine(
            item=self.key_of(product),
            quantity=text_at(line, self._line_name("quantity", QUANTITY_NAMES)) or "1",
            unit_price=text_at(line, self._line_name("price", UNIT_PRICE_NAMES)),
            key=str(line.pk),
        )

    def order_identity(self, order: Any) -> Identity | None:
        """Whose order it is: its user's, else its e-mail address's."""
        user = value_at(order, self._order_name("user", USER_NAMES))
        if user is not None:
            return Identity(IdentityKind.USER, self.user_key(user))
        email = text_at(order, self._order_name("email", EMAIL_NAMES))
        return Identity(IdentityKind.EMAIL, email) if email else None

    def _order(self) -> type[Model]:
        return apps.get_model(self.order_model)

    def _order_name(self, which: str, guesses: tuple[str, ...]) -> str:
        declared: str = getattr(self, f"order_{which}_field")
        return declared or first_of(guesses, field_names(self._order()))

    def _lines(self) -> str:
        return self.lines_name or first_of(LINES_NAMES, accessors(self._order()))

    def _line_name(self, which: str, guesses: tuple[str, ...]) -> str:
        declared: str = getattr(self, f"line_{which}_field")
        lines: Any = accessors(self._order())[self._lines()].related_model
        return declared or first_of(guesses, field_names(lines))

    def _prefetched(self) -> list[str]:
        product = self._line_name("product", PRODUCT_NAMES)
        paths = [f"{self._lines()}__{product}"]
        if self.refunds_name:
            paths.append(f"{self.refunds_name}__{self.refund_product_field or product}")
        user = self._order_name("user", USER_NAMES)
        return [*paths, user.split("__")[0]] if user else paths

    def _refunds(self, order: Any) -> Iterator[OrderLine]:
        for refund in getattr(order, self.refunds_name).all() if self.refunds_name else ():
            product = value_at(refund, self.refund_product_field or "product")
            moment = value_at(refund, self.refund_date_field)
            if product is not None:
                yield OrderLine(
                    item=self.key_of(product),
                    quantity=text_at(refund, self.refund_quantity_field or "quantity") or "1",
                    key=str(refund.pk),
                    at=None if moment is None else instant_of(moment),
                )

    def _bound(self, name: str, since: int) -> datetime | date:
        """The instant as the column is compared: a date, a naive moment of the project's zone, or an aware one."""
        moment = from_micros(max(since, 0))
        if self._order()._meta.get_field(name.split("__", maxsplit=1)[0]).get_internal_type() == "DateField":
            return moment.astimezone(timezone.get_default_timezone()).date()
        return moment if settings.use_tz else timezone.make_naive(moment, timezone.get_default_timezone())


def instant_of(moment: datetime | date) -> int:
    """UTC microseconds of a host's moment; a naive one is of the project's zone, a date begins at midnight there."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    return to_micros(moment.astimezone(UTC))
