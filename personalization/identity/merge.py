"""A browser turns out to be somebody's: its visitor is joined to the person, and can be separated again."""

from __future__ import annotations

from functools import partial

from personalization.engine.types import Identity, IdentityKind
from personalization.privacy.standing import bar, standing_of
from personalization.store.people import free_since, join_visitor, people_database, separate_visitor
from personalization.store.transaction import in_transaction
from personalization.store.visitors import ensure_visitors, find_visitor


def merge_login(visitor: str, user: str, *, tenant: str, now: int) -> bool:
    """Join the browser of a key to the user of a key who signed in there; whether this call did it.

    A browser that nothing is known of stays unknown. One that belongs to a person stays theirs: two people of one
    browser are never joined. Nor is anything joined to, or of, somebody who refused, or who was erased after the
    browser was first seen: what was forgotten must not come back by a login.
    """
    browser, owner = Identity(IdentityKind.VISITOR, visitor), Identity(IdentityKind.USER, user)
    known = find_visitor(browser, tenant=tenant)
    if known is None or free_since(known) is None:
        return False  # nearly every login: two reads, and no lock
    return in_transaction(partial(_merge, browser, owner, tenant, now), using=people_database())


def separate(visitor: int) -> bool:
    """Undo a join, for good: the visitor is its own person from now on, and no login joins it again. Whether there
    was anything to undo."""
    return separate_visitor(visitor)


def _merge(browser: Identity, owner: Identity, tenant: str, now: int) -> bool:
    """Asked and done in one transaction, so that nobody is erased in between."""
    standing = standing_of(browser, tenant=tenant)
    since = None if standing.visitor is None else free_since(standing.visitor)
    if standing.visitor is None or since is None or bar(standing, occurred_at=since):
        return False
    person = standing_of(owner, tenant=tenant)
    if bar(person, occurred_at=since):
        return False
    root = person.person or ensure_visitors(owner.kind, [owner.key], tenant=tenant, now=now)[owner.key]
    return join_visitor(standing.visitor, person=root)
