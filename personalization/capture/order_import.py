"""The shop's orders, pulled through the adapter: whatever nobody told us of arrives this way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from django.db import InterfaceError, OperationalError

from personalization.adapters import get_adapter
from personalization.capture.cell import DAY
from personalization.capture.checked_order import CheckedOrder, check_order
from personalization.capture.order_counts import OrderCounts
from personalization.capture.order_writer import write_orders
from personalization.capture.tenant import require_tenant
from personalization.capture.turn import Turn
from personalization.conf import settings
from personalization.store.bulk import batches
from personalization.store.cursors import find_cursor, move_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from personalization.engine.types import OrderRecord

logger = logging.getLogger("personalization")

#: The name of the cursor.
ORDERS: Final = "orders"
#: How far back every pull looks again: orders become visible later than they were placed.
OVERLAP: Final = 7 * DAY
#: Orders in one transaction.
BATCH: Final = 500
#: So many orders in a row that cannot be read are a shop that cannot be read.
PATIENCE: Final = 100

#: The database is away: no reason to count orders as bad.
_AWAY: Final = (OperationalError, InterfaceError)


def nobody_watches(done: OrderCounts) -> None:
    """The default: nothing is shown."""


def import_orders(
    *,
    tenant: str = "",
    since: int | None = None,
    clock: Callable[[], int],
    beat: Callable[[OrderCounts], None] = nobody_watches,
) -> OrderCounts:
    """Store every order that was placed or changed since the last pull, looking seven days further back.

    The first pull reads as far back as RETENTION_DAYS reach; ``since`` (UTC microseconds) says where to begin instead.
    An order that cannot be stored is logged and counted, and the others go on. When a pull ends early, what it stored stays stored, and the
    next one begins where it began. ``beat`` is called after each batch.

    Raises InvalidInputError naming ``tenant``, TakenTurnError when another process is at it, and what the adapter
    raises when the orders cannot be read to their end.
    """
    require_tenant(tenant)
    with Turn(ORDERS, tenant=tenant, clock=clock) as turn:
        started, position = clock(), find_cursor(ORDERS, tenant=tenant)
        begin = _usual_begin(started, position) if since is None else since
        total, reading = OrderCounts(), _Reading(get_adapter().iter_orders(begin, tenant))
        for batch in batches(reading, BATCH):
            total += _store(batch, tenant=tenant, now=started)
            turn.renew()
            beat(total)
        if reading.failure is not None:
            raise reading.failure
        if position is None or begin <= position:  # else there may be orders between the two that nobody read
            move_cursor(ORDERS, started, tenant=tenant)
    return total + OrderCounts(skipped={"unreadable": reading.unreadable})


def _usual_begin(now: int, position: int | None) -> int:
    """What is older than events are kept would be stored only to be forgotten."""
    kept = settings.RETENTION_DAYS
    oldest = 0 if kept is None else now - int(kept) * DAY
    return max(oldest, 0 if position is None else position - OVERLAP)


class _Reading:
    """The adapter's orders without those that it fails to read.

    ``failure``: why what follows is not known. An adapter that is a generator is at its end once it has failed, so a
    failure as the last thing counts as one of the whole.
    """

    def __init__(self, orders: Iterator[OrderRecord]) -> None:
        self._orders = orders
        self.unreadable = 0
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[OrderRecord]:
        in_a_row = 0
        while in_a_row < PATIENCE:
            try:
                record = next(self._orders)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001 - whatever a host's code raises; the last one is raised again
                self.failure, in_a_row = error, in_a_row + 1
                self.unreadable += 1
                if isinstance(error, _AWAY):
                    return
                logger.warning("an order of the shop cannot be read: %r", error)
            else:
                self.failure, in_a_row = None, 0
                yield record


def _store(records: Iterable[OrderRecord], *, tenant: str, now: int) -> OrderCounts:
    checked, bad = _checked(records, tenant, now)
    total = OrderCounts(skipped={"bad_order": bad})
    try:
        return total + write_orders(checked, tenant=tenant, now=now)
    except _AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one of them does it: each by itself tells which
        logger.warning("orders are stored one by one, as together they fail: %r", error)
    return sum((_store_one(order, tenant=tenant, now=now) for order in checked), total)


def _store_one(order: CheckedOrder, *, tenant: str, now: int) -> OrderCounts:
    try:
        return write_orders([order], tenant=tenant, now=now)
    except _AWAY:
        raise
    except Exception:
        logger.exception("order %s cannot be stored", order.key)
        return OrderCounts(orders=1, skipped={"failed": 1})


def _checked(records: Iterable[OrderRecord], tenant: str, now: int) -> tuple[Sequence[CheckedOrder], int]:
    """Orders by their keys; of two records of one order, the later holds."""
    orders, bad = {}, 0
    for record in records:
        try:
            order = check_order(record, tenant=tenant, now=now)
        except Exception as error:  # noqa: BLE001 - an adapter may have filled it with anything
            logger.warning("order %r is skipped: %s", getattr(record, "key", record), error)
            bad += 1
        else:
            orders[order.prefix] = order
    return list(orders.values()), bad
