"""What can still be done with an order, and doing it: cancelling it, and giving pieces of it back.

This shop sends nothing, so time decides: for an hour an order can be cancelled, then it counts as sent, and its pieces
can be given back for sixty days. Whoever changes an order holds the lock of its row.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from personalization.shortcuts import release_order
from shop_demo.models import Order, OrderLine, Return
from shop_demo.stock import put_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CANCEL_WITHIN: Final = timedelta(hours=1)
RETURN_WITHIN: Final = timedelta(days=60)
CENT: Final = Decimal("0.01")


class TooManyError(Exception):
    """More pieces than are left of a line, or of a line that the order does not have."""


class State(StrEnum):
    PLACED = "placed"
    SENT = "sent"
    CANCELLED = "cancelled"
    PARTLY_RETURNED = "partly returned"
    RETURNED = "returned"

    @property
    def label(self) -> Promise | str:
        return LABELS[self]


LABELS: Final = {
    State.PLACED: pgettext_lazy("state of an order", "placed"),
    State.SENT: pgettext_lazy("state of an order", "sent"),
    State.CANCELLED: pgettext_lazy("state of an order", "cancelled"),
    State.PARTLY_RETURNED: pgettext_lazy("state of an order", "partly returned"),
    State.RETURNED: pgettext_lazy("state of an order", "returned"),
}


def state_of(order: Order, *, now: datetime) -> State:
    """Where an order stands; its lines and what came back of them are fetched along by whoever asks for many."""
    if order.cancelled_at is not None:
        return State.CANCELLED
    lines = list(order.lines.all())
    if any(line.returned for line in lines):
        return State.PARTLY_RETURNED if any(line.left for line in lines) else State.RETURNED
    return State.PLACED if now < sent_at(order) else State.SENT


def sent_at(order: Order) -> datetime:
    return order.placed_at + CANCEL_WITHIN


def return_until(order: Order) -> datetime:
    return order.placed_at + RETURN_WITHIN


def can_cancel(order: Order, *, now: datetime) -> bool:
    return state_of(order, now=now) == State.PLACED


def can_return(order: Order, *, now: datetime) -> bool:
    state = state_of(order, now=now)
    return state in {State.SENT, State.PARTLY_RETURNED} and now < return_until(order)


def cancel(order: Order, *, now: datetime) -> bool:
    """Take a whole order back, with what its discount used. False, and nothing, when that is not possible any more."""
    if not can_cancel(order, now=now):
        return False
    order.cancelled_at = now
    order.save(update_fields=["cancelled_at"])
    for line in order.lines.all():
        put_back(line, line.quantity)
    if order.discount:
        release_order(order)
    return True


def give_back(order: Order, pieces: Mapping[int, int], *, now: datetime) -> Decimal:
    """Take pieces of an order back, by the keys of its lines; what is paid back. Raises TooManyError, before anything
    is changed.

    When nothing is left of the order, what its discount used can be used again.
    """
    lines = {line.pk: line for line in order.lines.all()}
    if any(pk not in lines or not 0 <= count <= lines[pk].left for pk, count in pieces.items()):
        raise TooManyError
    wanted = {lines[pk]: count for pk, count in pieces.items() if count}
    returns = [
        Return(
            line=line, quantity=count, amount=refund_of(line, count, before=line.returned), returned_at=now
        )
        for line, count in wanted.items()
    ]
    amount = sum((one.amount for one in returns), Decimal(0))
    everything = all(line.left == wanted.get(line, 0) for line in lines.values())
    Return.objects.bulk_create(returns)
    for line, count in wanted.items():
        put_back(line, count)
    order.refunded += amount
    order.save(update_fields=["refunded"])  # which tells personalization, too: it reads what came back
    if everything and order.discount:
        release_order(order)
    return amount


def refund_of(line: OrderLine, pieces: int, *, before: int) -> Decimal:
    """What was paid for pieces of a line, after so many that came back before. All its pieces, in whatever steps, get
    exactly what the line cost."""
    discount = _discount_of(line, before + pieces) - _discount_of(line, before)
    return line.unit_price * pieces - discount


def _discount_of(line: OrderLine, pieces: int) -> Decimal:
    """The part of the line's share that its first pieces got, in whole cents; all of them got all of it."""
    return (line.discount * pieces / line.quantity).quantize(CENT, ROUND_DOWN)
