"""The events of orders. All events of one order lie side by side in the index of digests, so that an order is found
again, whole, without an index of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connections, router

from personalization.engine import ids
from personalization.engine.types import Kind
from personalization.models import Event
from personalization.store.bulk import batches

if TYPE_CHECKING:
    from collections.abc import Collection

#: How many of a digest's 16 bytes say which order it is; the others say which line.
PREFIX_SIZE: Final = 10
#: Orders that one statement asks for.
LOOKUP: Final = 100

_REST: Final = ids.DIGEST_SIZE - PREFIX_SIZE
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


class OrderEvent(NamedTuple):
    """A purchase of an order, or what was given back of it, as it is stored."""

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
    connection = connections[router.db_for_write(Event)]
    columns = ", ".join(map(connection.ops.quote_name, _COLUMNS))
    one = f"SELECT {columns} FROM {Event._meta.db_table} WHERE digest BETWEEN %s AND %s"
    found: dict[bytes, list[OrderEvent]] = {}
    with connection.cursor() as cursor:
        for batch in batches(sorted(prefixes), LOOKUP):
            # One SELECT for each order: joined by OR, PostgreSQL reads the whole table until it has statistics.
            ends = [end for prefix in batch for end in _ends(prefix)]
            cursor.execute(" UNION ALL ".join([one] * len(batch)), ends)
            for event in sorted(_event(*row) for row in cursor.fetchall()):
                found.setdefault(event.digest[:PREFIX_SIZE], []).append(event)
    return found


def hold_orders(prefixes: Collection[bytes]) -> dict[bytes, list[OrderEvent]]:
    """The same, while nobody else changes what is stored of these orders before this transaction ends."""
    found = {}
    for prefix in sorted(prefixes):  # in one order everywhere, so that two writers do not lock each other out
        mine = Event.objects.select_for_update().filter(digest__range=_ends(prefix))
        list(mine.filter(kind=Kind.PURCHASE).values_list("pk"))
        # Asked again, and with a lock: the first answer may lack what was written while it waited.
        if events := sorted(OrderEvent(*row) for row in mine.values_list(*_COLUMNS)):
            found[prefix] = events
    return found


def _ends(prefix: bytes) -> tuple[bytes, bytes]:
    return prefix + b"\x00" * _REST, prefix + b"\xff" * _REST


def _event(
    digest: Any, kind: int, visitor: int, item: int, quantity: Any, price: Any, *texts: str
) -> OrderEvent:
    """SQLite has no decimals, and hands floats over."""
    return OrderEvent(
        bytes(digest),
        kind,
        visitor,
        item,
        Decimal(str(quantity)),
        None if price is None else Decimal(str(price)),
        *texts,
    )
