"""What was given back of orders → refunds, beside the purchases."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from personalization.capture.order_counts import OrderCounts
from personalization.engine.types import Kind
from personalization.store.events import EventRow, Source, append_events
from personalization.store.orders import cancel_digest, find_order_events, hold_orders
from personalization.store.people import refused_visitors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from personalization.capture.checked_order import CheckedLine, CheckedOrder
    from personalization.store.orders import OrderEvent


def store_refunds(
    orders: Sequence[CheckedOrder],
    *,
    items: Mapping[str, int],
    placed: Collection[bytes],
    tenant: str,
    now: int,
) -> OrderCounts:
    """Store what is not stored yet of the orders' refunds, and all that is left of those that were cancelled.

    ``placed``: digests of purchases that this transaction has stored.
    """
    given_back = [order for order in orders if order.refunds or order.cancelled]
    if not given_back:
        return OrderCounts()
    stored = _stored({order.prefix for order in given_back}, placed)
    skipped: Counter[str] = Counter()
    rows: list[EventRow] = []
    for order in given_back:
        events = stored.get(order.prefix, [])
        left = pieces_left(events)
        rows += _given_back(order, events, items, left, skipped)
        if order.cancelled:
            rows += _cancelled(order, events, placed, left, now)
    refused = refused_visitors({row.visitor for row in rows})
    wanted = sorted((row for row in rows if row.visitor not in refused), key=_digest)
    skipped["refused"] += len(rows) - len(wanted)
    done = append_events(wanted, tenant=tenant, source=Source.ORDERS, now=now)
    return OrderCounts(refunds=done.stored, skipped=skipped)


def _stored(prefixes: set[bytes], placed: Collection[bytes]) -> dict[bytes, list[OrderEvent]]:
    """What is stored of orders that nobody else changes now. Purchases that were placed just now are nobody else's
    before this transaction ends; others must be held."""
    stored = find_order_events(prefixes)
    ours = {prefix for prefix, events in stored.items() if all(event.digest in placed for event in events)}
    return {prefix: stored[prefix] for prefix in ours} | hold_orders(prefixes - ours)


def pieces_left(events: Iterable[OrderEvent]) -> dict[int, Decimal]:
    """Items of an order → pieces that were bought and not given back, as far as is stored."""
    left: dict[int, Decimal] = {}
    for event in events:
        pieces = event.quantity if event.kind == Kind.PURCHASE else -event.quantity
        left[event.item] = left.get(event.item, Decimal(0)) + pieces
    return left


def _given_back(
    order: CheckedOrder,
    events: Sequence[OrderEvent],
    items: Mapping[str, int],
    left: dict[int, Decimal],
    skipped: Counter[str],
) -> list[EventRow]:
    """Never more than is left: a shop that cancels an order and then writes refunds of its lines gives back once."""
    bought = {event.item: event for event in events if event.kind == Kind.PURCHASE}
    known = {event.digest for event in events}
    rows = []
    for refund in order.refunds:
        item = items.get(refund.item)
        if refund.digest in known:
            continue
        if item is None or item not in bought:
            skipped["unknown_item" if item is None else "not_bought"] += 1
        elif (quantity := min(refund.quantity, left[item])) > 0:
            left[item] -= quantity
            rows.append(_row(bought[item], refund.digest, quantity, refund.at, refund))
    return rows


def _cancelled(
    order: CheckedOrder,
    events: Sequence[OrderEvent],
    placed: Collection[bytes],
    left: dict[int, Decimal],
    now: int,
) -> list[EventRow]:
    """What is left of each purchase. What was cancelled before we heard of it never counted, at any time."""
    known = {event.digest for event in events}
    rows = []
    for purchase in events:
        digest = cancel_digest(purchase.digest)
        quantity = min(purchase.quantity, left[purchase.item])
        if purchase.kind == Kind.PURCHASE and quantity > 0 and digest not in known:
            left[purchase.item] -= quantity
            at = order.placed_at if purchase.digest in placed else max(now, order.placed_at)
            rows.append(_row(purchase, digest, quantity, at))
    return rows


def _row(
    purchase: OrderEvent, digest: bytes, quantity: Decimal, at: int, refund: CheckedLine | None = None
) -> EventRow:
    """A refund stands beside its purchase: under the same visitor, with the same order, currency and store."""
    price = purchase.unit_price if refund is None or refund.unit_price is None else refund.unit_price
    return EventRow(
        digest=digest,
        kind=Kind.REFUND,
        visitor=purchase.visitor,
        item=purchase.item,
        occurred_at=at,
        quantity=f"{quantity:f}",
        unit_price=None if price is None else f"{price:f}",
        currency=purchase.currency,
        order=purchase.order,
        store=purchase.store,
    )


def _digest(row: EventRow) -> bytes:
    return row.digest
