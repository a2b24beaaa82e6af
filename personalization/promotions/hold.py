"""Taking a use of a promotion out of its limits, once per key."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from django.db import IntegrityError

from personalization.privacy.standing import bar, standing_of
from personalization.store.limits import Counter, SpentError
from personalization.store.redemptions import add_entry, find_entry, free_expired, ledger_database
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.types import Identity
    from personalization.store.redemptions import Entry, NewEntry


def hold(new: NewEntry, *, people: Collection[Identity], tenant: str, now: int) -> Entry | Counter:
    """The entry of this key, made now or found; or which counter had nothing left.

    All counters and the entry are one short transaction. Where something is spent, reservations that have run out are
    given back, and it is tried once more. Two who use a key at once get the same entry.
    """
    spent = _hold(new, people, tenant, now)
    if not isinstance(spent, Counter) or spent == Counter.CHANGED:
        return spent
    free_expired(new.counters, spent, now=now)
    return _hold(
        new, people, tenant, now
    )  # also where there was nothing to free: somebody else may just have done it


def _hold(new: NewEntry, people: Collection[Identity], tenant: str, now: int) -> Entry | Counter:
    try:
        return in_transaction(partial(_add, new, people, tenant, now), using=ledger_database())
    except SpentError as spent:
        return _stored(new.key, tenant) or spent.counter  # somebody else with this key took the last one
    except IntegrityError:
        stored = _stored(new.key, tenant)
        if stored is None:
            raise
        return stored


def _add(new: NewEntry, people: Collection[Identity], tenant: str, now: int) -> Entry:
    return add_entry(replace(new, visitor=_visitor(people, tenant, now)), tenant=tenant, now=now)


def _stored(key: str, tenant: str) -> Entry | None:
    return in_transaction(partial(find_entry, key, tenant=tenant, newest=True), using=ledger_database())


def _visitor(people: Collection[Identity], tenant: str, now: int) -> int | None:
    """The visitor that the entry is tied to: of the first identity that is known and willing. Nobody is made known by
    using a coupon. Until the transaction ends, nobody is erased."""
    standings = [standing_of(identity, tenant=tenant) for identity in people]
    for standing in standings:
        if standing.visitor is not None and bar(standing, occurred_at=now, asked=False) is None:
            return standing.visitor
    return None
