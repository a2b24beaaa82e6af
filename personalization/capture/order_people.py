"""Whose an order is, and whether that may be known."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from personalization.engine.types import Identity, IdentityKind
from personalization.privacy.standing import bar, is_closed, standings
from personalization.store.visitors import create_visitors, ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalization.capture.checked_order import CheckedOrder
    from personalization.privacy.standing import Standing


class Teller(NamedTuple):
    """Who told of an order. ``browser``: who acts in the request; ``agreed``: whether the request wants to be known,
    None when it does not say so, or when there is no request."""

    browser: Identity | None = None
    agreed: bool | None = None


class Owner(NamedTuple):
    """``identity``: under whom the order is stored, None for nobody. ``hidden``: its number is not stored either, as
    the shop could look up there whose it is. ``erased``: it is not stored at all."""

    identity: Identity | None = None
    hidden: bool = False
    erased: bool = False


def find_owners(orders: Iterable[CheckedOrder], *, tenant: str, teller: Teller) -> dict[bytes, Owner]:
    """By the prefixes of the orders: their user, else their e-mail address, else the browser that told of them.

    An address and a browser are never joined: nobody has shown that the address is theirs.
    """
    asked = {order.prefix: (order, order.identity or teller.browser) for order in orders}
    keys: dict[IdentityKind, set[str]] = defaultdict(set)
    for _, identity in asked.values():
        if identity is not None:
            keys[identity.kind].add(identity.key)
    known = {kind: standings(kind, people, tenant=tenant) for kind, people in sorted(keys.items())}
    return {
        prefix: _owner(identity, _standing(known, identity), order.placed_at, teller)
        for prefix, (order, identity) in asked.items()
    }


def visitors_for(
    owners: Mapping[bytes, Owner], *, tenant: str, now: int
) -> tuple[dict[bytes, int], set[int]]:
    """A visitor for each of these orders, and those of them that were made for nobody, one for each order."""
    keys: dict[IdentityKind, set[str]] = defaultdict(set)
    for owner in owners.values():
        if owner.identity is not None:
            keys[owner.identity.kind].add(owner.identity.key)
    known = {
        Identity(kind, key): visitor
        for kind, people in sorted(keys.items())
        for key, visitor in ensure_visitors(kind, people, tenant=tenant, now=now).items()
    }
    nobodys = [prefix for prefix, owner in owners.items() if owner.identity is None]
    fresh = create_visitors(len(nobodys), tenant=tenant, now=now)
    found = dict(zip(nobodys, fresh, strict=True))
    found |= {prefix: known[owner.identity] for prefix, owner in owners.items() if owner.identity is not None}
    return found, set(fresh)


def _standing(
    known: Mapping[IdentityKind, Mapping[str, Standing]], identity: Identity | None
) -> Standing | None:
    return None if identity is None else known[identity.kind].get(identity.key)


def _owner(identity: Identity | None, standing: Standing | None, placed_at: int, teller: Teller) -> Owner:
    barred = bar(standing, occurred_at=placed_at, asked=bool(teller.agreed))
    if barred == "erased":
        return Owner(erased=True)
    if barred or teller.agreed is False or (identity is not None and is_closed(identity.kind, standing)):
        return Owner(hidden=True)
    return Owner(identity)
