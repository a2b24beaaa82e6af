"""The events of orders. All events of one order lie side by side in the index of digests, so that an order is found
again, whole, without an index of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Q

from personalization.engine import ids
from personalization.engine.types import Kind
from personalization.models import Event
from personalization.store.bulk import batches

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

#: How many of a digest's 16 bytes say which order it is; the others say which line.
PREFIX_SIZE: Final = 10
_REST: Final = ids.DIGEST_SIZE - PREFIX_SIZE
#: Orders that one statement asks for.
LOOKUP: Final = 100


class OrderEvent(NamedTuple):
    """A purchase of an order, or what was given back of it, as it is stored. ``occurred_at``: UTC microseconds."""

    digest: bytes
    kind: int
    visitor: int
    item: int
    quantity: Decimal
    unit_price: Decimal | None
    currency: str
    order: str
    store: str


def order_prefix(order: str, *, tenant: str) -> bytes:
    """With what the digests of an order's events begin."""
    return ids.digest(tenant, str(int(Event.Source.ORDERS)), order)[:PREFIX_SIZE]


def line_digest(prefix: bytes, *line: str) -> bytes:
    """The unique key of an event of an order: once per tenant, order and line, whoever the visitor is."""
    return prefix + ids.digest(*line)[:_REST]


def cancel_digest(purchase: bytes) -> bytes:
    """The unique key of the event that gives back what is left of a purchase."""
    return line_digest(purchase[:PREFIX_SIZE], "cancel", purchase.hex())


def find_order_events(prefixes: Collection[bytes]) -> dict[bytes, list[OrderEvent]]:
    """What is stored of orders, by their prefixes; orders of which nothing is stored have no entry."""
    return _read(prefixes, Event.objects.all())


def hold_orders(prefixes: Collection[bytes]) -> dict[bytes, list[OrderEvent]]:
    """The same, while nobody else changes what is stored of these orders before this transaction ends."""
    for batch in batches(sorted(prefixes), LOOKUP):
        purchases = Event.objects.filter(_of(batch), kind=Kind.PURCHASE)
        list(purchases.select_for_update().values_list("pk"))
    # Asked again, and with a lock: the first answer may lack what was written while it waited.
    return _read(prefixes, Event.objects.select_for_update())


def _read(prefixes: Collection[bytes], rows: QuerySet[Event]) -> dict[bytes, list[OrderEvent]]:
    found: dict[bytes, list[OrderEvent]] = {}
    for batch in batches(sorted(prefixes), LOOKUP):
        # Sorted here: asked to sort, SQLite reads the whole table in the order of its index.
        for event in sorted(OrderEvent(*row) for row in rows.filter(_of(batch)).values_list(*_COLUMNS)):
            found.setdefault(event.digest[:PREFIX_SIZE], []).append(event)
    return found


def _of(prefixes: Collection[bytes]) -> Q:
    ranges = [(prefix + b"\x00" * _REST, prefix + b"\xff" * _REST) for prefix in prefixes]
    return Q(*[("digest__range", ends) for ends in ranges], _connector=Q.OR)


_COLUMNS: Final = (
    "digest",
    "kind",
    "visitor_id",
    "item_id",
    "quantity",
    "unit_price",
    "currency",
    "order",
    "store",
)
