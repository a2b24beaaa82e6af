"""The lines of orders → purchases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.capture.order_counts import OrderCounts
from personalization.capture.order_people import visitors_for
from personalization.engine.types import Kind
from personalization.store.events import EventRow, Source, append_events
from personalization.store.orders import find_order_events
from personalization.store.people import refused_visitors
from personalization.store.visitors import drop_visitors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from personalization.capture.checked_order import CheckedLine, CheckedOrder
    from personalization.capture.order_people import Owner
    from personalization.store.orders import OrderEvent

    #: What is stored of orders, by their prefixes.
    Stored = Mapping[bytes, Sequence[OrderEvent]]


def store_purchases(
    orders: Sequence[CheckedOrder],
    owners: Mapping[bytes, Owner],
    *,
    items: Mapping[str, int],
    tenant: str,
    now: int,
) -> tuple[OrderCounts, set[bytes]]:
    """Store the lines that are not stored yet; what became of them, and the digests of those that nobody else stored."""
    stored = find_order_events([order.prefix for order in orders])
    known = {event.digest for events in stored.values() for event in events}
    lines = [(order, line) for order in orders for line in order.lines]
    new = [(order, line) for order, line in lines if line.digest not in known]
    usable = [(order, line) for order, line in new if line.item in items]
    visitors, nobodys = _visitors({order.prefix for order, _ in usable}, stored, owners, tenant, now)
    rows = [
        _row(order, line, visitor=visitors[order.prefix], item=items[line.item], owner=owners[order.prefix])
        for order, line in usable
    ]
    rows.sort(key=_digest)  # in one order everywhere, so that two writers seldom lock each other out
    done = append_events(rows, tenant=tenant, source=Source.ORDERS, now=now)
    if done.duplicates:
        _drop_unused(nobodys, {order.prefix for order, _ in usable})
    counts = OrderCounts(
        stored=done.stored,
        duplicates=len(lines) - len(new) + done.duplicates,
        anonymous=sum(row.visitor in nobodys for row in rows),
        skipped={"unknown_item": len(new) - len(usable)},
    )
    return counts, set() if done.duplicates else {row.digest for row in rows}


def _visitors(
    prefixes: Collection[bytes], stored: Stored, owners: Mapping[bytes, Owner], tenant: str, now: int
) -> tuple[dict[bytes, int], set[int]]:
    """An order stays with the visitor it was first stored under, unless that one's person refused since."""
    earlier = {prefix: stored[prefix][0].visitor for prefix in prefixes if prefix in stored}
    refused = refused_visitors(earlier.values())
    kept = {prefix: visitor for prefix, visitor in earlier.items() if visitor not in refused}
    others = {prefix: owners[prefix] for prefix in sorted(prefixes) if prefix not in kept}
    made, nobodys = visitors_for(others, tenant=tenant, now=now)
    return kept | made, nobodys


def _row(order: CheckedOrder, line: CheckedLine, *, visitor: int, item: int, owner: Owner) -> EventRow:
    return EventRow(
        digest=line.digest,
        kind=Kind.PURCHASE,
        visitor=visitor,
        item=item,
        occurred_at=line.at,
        quantity=f"{line.quantity:f}",
        unit_price=None if line.unit_price is None else f"{line.unit_price:f}",
        currency=order.currency,
        order="" if owner.hidden else order.key,
        store=order.store,
    )


def _drop_unused(nobodys: set[int], prefixes: Collection[bytes]) -> None:
    """Somebody else stored the same orders meanwhile, under visitors of theirs."""
    events = find_order_events(prefixes)
    drop_visitors(nobodys.difference(event.visitor for stored in events.values() for event in stored))


def _digest(row: EventRow) -> bytes:
    return row.digest
