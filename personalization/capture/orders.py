"""The shop's code says that an order was placed, changed or cancelled. What it holds is read through the adapter."""

from __future__ import annotations

from dataclasses import replace

from personalization.adapters import get_adapter
from personalization.capture.checked_order import CheckedOrder, check_order, checked_key
from personalization.capture.order_counts import OrderCounts
from personalization.capture.order_people import Teller
from personalization.capture.order_writer import write_orders
from personalization.capture.tenant import require_tenant
from personalization.engine.types import Identity
from personalization.store.orders import order_prefix


def record_order(
    order_key: str,
    *,
    tenant: str = "",
    now: int,
    browser: Identity | None = None,
    agreed: bool | None = None,
) -> OrderCounts:
    """Store what the shop says of an order now; lines and refunds that are stored already are left as they are.

    An order that the shop does not know, or that does not count yet, stores nothing. ``browser``: who acts in the
    request that tells of it, for orders that name nobody; ``agreed``: whether that request wants to be known, None
    when it does not say, or when there is none. ``now``: UTC microseconds.

    Raises InvalidInputError naming ``tenant``, ``order``, ``placed_at``, ``identity``, ``currency`` or ``store``.
    """
    require_tenant(tenant)
    record = get_adapter().find_order(checked_key(order_key), tenant)
    if record is None:
        return OrderCounts()
    order = check_order(record, tenant=tenant, now=now)
    return write_orders([order], tenant=tenant, now=now, teller=Teller(browser, agreed))


def cancel_order(order_key: str, *, tenant: str = "", now: int) -> OrderCounts:
    """Give back what is left of an order, whatever the shop still says of it; once, however often it is told.

    Raises what `record_order` raises.
    """
    require_tenant(tenant)
    key = checked_key(order_key)
    record = get_adapter().find_order(key, tenant)
    if record is None:
        order = CheckedOrder(key, order_prefix(key, tenant=tenant), now, cancelled=True)
    else:
        order = check_order(replace(record, cancelled=True), tenant=tenant, now=now)
    return write_orders([order], tenant=tenant, now=now)
