"""A browser turns out to be somebody's: its visitor is joined to the person, and can be separated again."""

from __future__ import annotations

from personalization.engine.types import Identity, IdentityKind
from personalization.privacy.standing import bar, standing_of
from personalization.store.people import free_since, join_visitor, separate_visitor
from personalization.store.visitors import ensure_visitors


def merge_login(visitor: str, user: str, *, tenant: str, now: int) -> bool:
    """Join the browser of a key to the user of a key who signed in there; whether this call did it.

    A browser that nothing is known of stays unknown. One that belongs to a person stays theirs: two people of one
    browser are never joined. Nor is anything joined to, or of, somebody who refused, or who was erased after the
    browser was first seen: what was forgotten must not come back by a login.
    """
    browser = standing_of(Identity(IdentityKind.VISITOR, visitor), tenant=tenant)
    since = None if browser.visitor is None else free_since(browser.visitor)
    if browser.visitor is None or since is None:
        return False
    owner = standing_of(Identity(IdentityKind.USER, user), tenant=tenant)
    if bar(browser, occurred_at=since) or bar(owner, occurred_at=since):
        return False
    person = owner.person or ensure_visitors(IdentityKind.USER, [user], tenant=tenant, now=now)[user]
    return join_visitor(browser.visitor, person=person)


def separate(visitor: int) -> bool:
    """Undo a join, for good: the visitor is its own person from now on, and no login joins it again. Whether there
    was anything to undo."""
    return separate_visitor(visitor)
