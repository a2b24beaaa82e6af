"""A use that is held becomes one of an order, or is given back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from personalization.engine.ids import is_key
from personalization.exceptions import InvalidInputError
from personalization.promotions.result import HoldState, LedgerCode, Result, held_of, refusal
from personalization.store.redemptions import (
    State,
    entries_of_order,
    find_entry,
    ledger_database,
    redeem_entry,
    release_entry,
)
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from personalization.promotions.result import Held
    from personalization.store.redemptions import Entry

#: The longest key of an order.
ORDER_LENGTH: Final = 64


def redeem(key: str, *, order: str, tenant: str = "", now: int) -> Result:
    """Use what was reserved under a key for an order; the same order again gets the same answer.

    Call it inside the transaction that stores the order: it touches one row that nobody else waits for, and is undone
    with the order. Raises InvalidInputError, and whatever the database raises.
    """
    checked_order(order)
    return in_transaction(partial(_redeem, key, order, tenant, now), using=ledger_database())


def release(key: str, *, tenant: str = "", now: int) -> Result:
    """Give back what is held or was used under a key, as for a cart that was left or an order that was cancelled.

    Exactly what was taken is given back, and once: another call changes nothing and gets the same answer.
    """
    entry = _find(key, tenant) if is_key(key) else None
    if entry is None:
        return refusal(LedgerCode.UNKNOWN_KEY)
    return Result(_released(entry, key, now))


def release_order(order: str, *, tenant: str = "", now: int) -> tuple[Held, ...]:
    """The same for everything that an order has used; empty when it used nothing. The ``key`` is not told."""
    checked_order(order)
    return tuple([_released(entry, "", now) for entry in entries_of_order(order, tenant=tenant)])


def checked_order(order: str) -> str:
    """Raises InvalidInputError when something cannot be the key of an order."""
    if not is_key(order) or len(order) > ORDER_LENGTH:
        raise InvalidInputError("order", f"expected text of 1 to {ORDER_LENGTH} characters")
    return order


def _redeem(key: str, order: str, tenant: str, now: int) -> Result:
    entry = find_entry(key, tenant=tenant, newest=True) if is_key(key) else None
    if entry is None:
        return refusal(LedgerCode.UNKNOWN_KEY)
    if entry.order not in {"", order}:
        return refusal(LedgerCode.OTHER_ORDER)
    if entry.state != State.REDEEMED and not redeem_entry(entry.id, order=order, now=now):
        return refusal(LedgerCode.RELEASED if entry.state == State.RELEASED else LedgerCode.RUN_OUT)
    return Result(held_of(replace(entry, state=State.REDEEMED, order=order), key, now=now))


def _released(entry: Entry, key: str, now: int) -> Held:
    gave = release_entry(entry.id, now=now)
    held = held_of(entry, key, now=now)
    ended = held.state == HoldState.RUN_OUT and not gave
    return held if ended else replace(held, state=HoldState.RELEASED)


def _find(key: str, tenant: str) -> Entry | None:
    return in_transaction(partial(find_entry, key, tenant=tenant, newest=True), using=ledger_database())
