"""The ledger: one row per use of a promotion, and what each of them holds of the counters.

A row changes its state by a guarded UPDATE, so that of two who want to change it one does. What it took is given back
in the transaction of the change that gives it back, and so exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import router
from django.db.models import Count, Q

from personalization.engine import ids
from personalization.engine.instants import to_micros
from personalization.models import Redemption, RedemptionUse
from personalization.store.limits import Counter, give_counters, take_counters
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.store.limits import Counters

State = Redemption.State

#: How many reservations that have run out one call gives back: whoever asks waits for it.
FREED_AT_ONCE: Final = 50

_HOLDING: Final = (State.RESERVED, State.REDEEMED)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A reservation before it is written. ``shares``: canonical JSON; instants in UTC microseconds."""

    key: str
    request: bytes
    counters: Counters
    amount: Decimal
    currency: str
    shares: str
    reserved_until: int
    code: str = ""
    order: str = ""
    visitor: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger. Instants in UTC microseconds."""

    id: int
    request: bytes
    promotion: int
    promotion_version: int
    code: str
    state: State
    amount: Decimal
    currency: str
    shares: str
    order: str
    reserved_until: int
    created_at: int

    def holds(self, now: int) -> bool:
        """Whether it is reserved and has not run out."""
        return self.state == State.RESERVED and now < self.reserved_until


def find_entry(key: str, *, tenant: str, newest: bool = False) -> Entry | None:
    """The entry that was made under a key. ``newest`` reads past an older snapshot of a transaction, and needs one."""
    rows = Redemption.objects.filter(tenant=tenant, digest=ids.digest(key))
    row = (rows.select_for_update() if newest else rows.select_related("coupon")).first()
    return None if row is None else _entry(row)


def entries_of_order(order: str, *, tenant: str) -> list[Entry]:
    """What an order has redeemed, or reserved, oldest first."""
    rows = Redemption.objects.filter(tenant=tenant, order=order).select_related("coupon").order_by("pk")
    return [_entry(row) for row in rows if row.order == order]  # MariaDB also finds a1 for A1


def add_entry(new: NewEntry, *, tenant: str, now: int) -> Entry:
    """Take from every counter and write the entry. Call it in a transaction.

    Raises SpentError, and IntegrityError when there is an entry of this key: roll back then.
    """
    uses = take_counters(new.counters, now=now)
    row = Redemption.objects.create(
        tenant=tenant,
        digest=ids.digest(new.key),
        request=new.request,
        promotion_id=new.counters.promotion,
        promotion_version=new.counters.version,
        coupon_id=new.counters.coupon,
        visitor_id=new.visitor,
        amount=new.amount,
        currency=new.currency,
        shares=new.shares,
        order=new.order,
        reserved_until=new.reserved_until,
        created_at=now,
        changed_at=now,
    )
    RedemptionUse.objects.bulk_create([RedemptionUse(redemption=row, use_id=use) for use in uses])
    return _new_entry(new, row.pk, now)


def redeem_entry(entry: int, *, order: str, now: int) -> bool:
    """Turn a reservation that has not run out into a use, in the caller's transaction; False when it is none.

    It touches this row alone: the counters were taken before, and nobody waits for the caller to commit.
    """
    held = Redemption.objects.filter(pk=entry, state=State.RESERVED, reserved_until__gt=now)
    return held.update(state=State.REDEEMED, order=order, changed_at=now) > 0


def release_entry(entry: int, *, now: int) -> bool:
    """Give back what an entry holds, reserved or redeemed; False when it holds nothing."""
    return _give_back(entry, State.RELEASED, Q(state__in=_HOLDING), now)


def free_expired(counters: Counters, counter: Counter, *, now: int) -> int:
    """Give back reservations that have run out and stand in the way of one that wants these counters; how many."""
    expired = Redemption.objects.filter(
        promotion=counters.promotion, state=State.RESERVED, reserved_until__lte=now
    )
    if counter == Counter.COUPON:
        expired = expired.filter(coupon=counters.coupon)
    elif counter == Counter.PERSON:
        digests = {digest for candidates in counters.people for digest in candidates}
        expired = expired.filter(uses__use__digest__in=digests).distinct()
    oldest = expired.order_by("reserved_until", "pk").values_list("pk", flat=True)[:FREED_AT_ONCE]
    run_out = Q(state=State.RESERVED, reserved_until__lte=now)
    return sum([_give_back(entry, State.EXPIRED, run_out, now) for entry in list(oldest)])


def expired_holds(field: str, owners: Collection[int], *, now: int) -> dict[int, int]:
    """How many of what is counted as taken has run out, by promotion, coupon (the ``field``) id."""
    rows = Redemption.objects.filter(
        **{f"{field}__in": owners}, state=State.RESERVED, reserved_until__lte=now
    ).order_by()
    return dict(rows.values_list(field).annotate(Count("pk")))


def ledger_database() -> str:
    """The alias of the database that holds the ledger."""
    return router.db_for_write(Redemption)


def _give_back(entry: int, state: State, holding: Q, now: int) -> bool:
    work = partial(_change_and_give, entry, state, holding, now)
    return in_transaction(work, using=ledger_database())


def _change_and_give(entry: int, state: State, holding: Q, now: int) -> bool:
    rows = Redemption.objects.filter(pk=entry)
    if not rows.filter(holding).update(state=state, changed_at=now):
        return False
    promotion, coupon = rows.values_list("promotion", "coupon").get()
    uses = RedemptionUse.objects.filter(redemption=entry).select_for_update()  # past an older snapshot
    give_counters(promotion, coupon, uses.values_list("use", flat=True))
    return True


def _new_entry(new: NewEntry, pk: int, now: int) -> Entry:
    """What reading the row would give, without a statement more while others wait for the counters."""
    return Entry(
        id=pk,
        request=new.request,
        promotion=new.counters.promotion,
        promotion_version=new.counters.version,
        code=new.code,
        state=State.RESERVED,
        amount=new.amount,
        currency=new.currency,
        shares=new.shares,
        order=new.order,
        reserved_until=new.reserved_until,
        created_at=now,
    )


def _entry(row: Redemption) -> Entry:
    return Entry(
        id=row.pk,
        request=bytes(row.request),
        promotion=row.promotion_id,
        promotion_version=row.promotion_version,
        code="" if row.coupon is None else row.coupon.code,
        state=State(row.state),
        amount=row.amount,
        currency=row.currency,
        shares=row.shares,
        order=row.order,
        reserved_until=to_micros(row.reserved_until),
        created_at=to_micros(row.created_at),
    )
