"""Holding what a cart gets until it is ordered, so that nobody else can take it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.engine.ids import is_key
from personalization.engine.promotions import RefusalCode
from personalization.exceptions import InvalidInputError
from personalization.promotions.hold import hold
from personalization.promotions.quote import quote
from personalization.promotions.redeem import checked_order
from personalization.promotions.result import LedgerCode, Refused, Result, held_of, refusal, write_shares
from personalization.store.limits import Counter, Counters, person_digests
from personalization.store.redemptions import Entry, NewEntry, find_entry

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary
    from personalization.promotions.quote import Quoted
    from personalization.promotions.request import Request

#: How long a use is held where nothing is said, and at most, in minutes.
MINUTES: Final = 15
MOST_MINUTES: Final = 7 * 24 * 60

_MINUTE: Final = 60_000_000
_REASONS: Final = {
    Counter.PROMOTION: RefusalCode.EXHAUSTED,
    Counter.COUPON: RefusalCode.EXHAUSTED,
    Counter.PERSON: RefusalCode.USED_UP_BY_PERSON,
    Counter.CHANGED: RefusalCode.PAUSED,
}


def reserve(
    request: Request,
    *,
    key: str,
    vocabulary: Vocabulary,
    order: str = "",
    minutes: int = MINUTES,
    now: int,
) -> Result:
    """Hold what the cart would get now.

    ``key`` is the caller's own and new for every cart that is to be ordered: the same call again gets the same answer,
    another request under it is refused. The price is made before anything is locked; then all limits are taken at once or
    none. Without a transaction of the caller that takes some milliseconds; within one, others who want the same promotion
    wait until it ends. Raises InvalidInputError, and whatever the database raises.
    """
    _check(key, order, minutes)
    asked = request.digest()
    entry = find_entry(key, tenant=request.tenant)
    if entry is not None:
        return _same(entry, asked, key, now)
    until = now + minutes * _MINUTE
    for last in (False, False, True):
        quoted = quote(request, vocabulary=vocabulary, now=now)
        if not quoted.quote.applied:
            break
        new = _entry(request, quoted, key, order, until)
        held = hold(new, people=request.people, tenant=request.tenant, now=now)
        if isinstance(held, Entry):
            return _same(held, asked, key, now, quoted)
        if held != Counter.CHANGED or last:  # else somebody saved it meanwhile: make the price again
            return Result(refused=(*quoted.refused, _spent(quoted, _REASONS[held])))
    return Result(refused=quoted.refused)


def _check(key: str, order: str, minutes: int) -> None:
    if not is_key(key):
        raise InvalidInputError("key", "expected text of 1 to 255 characters")
    if order:
        checked_order(order)
    if type(minutes) is not int or not 1 <= minutes <= MOST_MINUTES:
        raise InvalidInputError("minutes", f"expected a whole number from 1 to {MOST_MINUTES}")


def _same(entry: Entry, asked: bytes, key: str, now: int, quoted: Quoted | None = None) -> Result:
    """The answer to whoever has the key and asks for what was asked under it."""
    if entry.request != asked:
        return refusal(LedgerCode.KEY_REUSED)
    return Result(held_of(entry, key, now=now), () if quoted is None else quoted.refused)


def _entry(request: Request, quoted: Quoted, key: str, order: str, until: int) -> NewEntry:
    (applied,) = quoted.quote.applied  # one promotion applies to a cart
    coupon = quoted.offers.coupons.get(applied.code)
    return NewEntry(
        key=key,
        request=request.digest(),
        counters=Counters(
            promotion=applied.promotion,
            version=applied.version,
            coupon=None if coupon is None else coupon.id,
            people=tuple([person_digests(one, tenant=request.tenant) for one in request.people]),
            limit_person=quoted.offers.limit_person[applied.promotion],
        ),
        amount=applied.amount,
        currency=quoted.quote.currency,
        shares=write_shares(applied.shares),
        reserved_until=until,
        code="" if coupon is None else coupon.code,
        order=order,
    )


def _spent(quoted: Quoted, reason: RefusalCode) -> Refused:
    applied = quoted.quote.applied[0]
    known = not applied.code or applied.code in quoted.offers.owned
    return Refused(
        code=quoted.offers.typed.get(applied.code, applied.code),
        reason=reason if known else RefusalCode.UNKNOWN,
        detail=reason,
        promotion=applied.promotion,
    )
