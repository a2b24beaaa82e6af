"""Orders that were checked → events, each line once, however often and by however many at once it is told."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from personalization.capture.known_items import known_items
from personalization.capture.order_counts import OrderCounts
from personalization.capture.order_people import Teller, find_owners
from personalization.capture.purchases import store_purchases
from personalization.capture.refunds import pieces_left, store_refunds
from personalization.store.events import events_database
from personalization.store.orders import find_order_events
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalization.capture.checked_order import CheckedOrder
    from personalization.store.orders import OrderEvent

NOBODY: Teller = Teller()


def write_orders(
    orders: Sequence[CheckedOrder], *, tenant: str, now: int, teller: Teller = NOBODY
) -> OrderCounts:
    """Store what is not stored yet of these orders, in one transaction; what is known already costs one read.

    No order may stand there twice. ``now``: when we heard of them, UTC microseconds.
    """
    stored = find_order_events([order.prefix for order in orders])
    news = [order for order in orders if _has_news(order, stored.get(order.prefix, ()))]
    bad: Counter[str] = sum((order.bad for order in orders), Counter())
    known = sum(len(order.lines) for order in orders) - sum(len(order.lines) for order in news)
    done = OrderCounts(orders=len(orders), duplicates=known, skipped=bad)
    if not news:
        return done
    keys = {line.item for order in news for line in (*order.lines, *order.refunds)}
    items = known_items(keys, tenant=tenant, now=now)
    work = partial(_write, news, teller, items, tenant, now)
    return done + in_transaction(work, using=events_database())


def _has_news(order: CheckedOrder, events: Sequence[OrderEvent]) -> bool:
    known = {event.digest for event in events}
    if any(line.digest not in known for line in order.lines):
        return True
    given_back = order.cancelled or any(refund.digest not in known for refund in order.refunds)
    return given_back and any(left > 0 for left in pieces_left(events).values())


def _write(
    orders: Sequence[CheckedOrder], teller: Teller, items: Mapping[str, int], tenant: str, now: int
) -> OrderCounts:
    owners = find_owners(orders, tenant=tenant, teller=teller)
    kept = [order for order in orders if not owners[order.prefix].erased]
    gone = [order for order in orders if owners[order.prefix].erased]
    erased = sum(len(order.lines) + len(order.refunds) for order in gone)
    purchases, placed = store_purchases(kept, owners, items=items, tenant=tenant, now=now)
    refunds = store_refunds(kept, items=items, placed=placed, tenant=tenant, now=now)
    return OrderCounts(skipped={"erased": erased}) + purchases + refunds
