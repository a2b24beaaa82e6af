"""What people have said of being known: asked before anything is written about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.conf import settings
from personalization.engine.types import IdentityKind
from personalization.store.standings import Choice, Standing, find_standings

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.types import Identity

__all__ = ["Choice", "Standing", "bar", "is_closed", "standing_of", "standings"]


def standings(kind: IdentityKind, keys: Collection[str], *, tenant: str) -> dict[str, Standing]:
    """The standing of every key that anything is known of; at most three statements for 500 keys."""
    return find_standings(kind, keys, tenant=tenant)


def standing_of(identity: Identity, *, tenant: str) -> Standing:
    """The same for one; an empty standing when nothing is known."""
    return find_standings(identity.kind, [identity.key], tenant=tenant).get(identity.key, Standing())


def bar(standing: Standing | None, *, occurred_at: int, asked: bool = True) -> str | None:
    """Why an event must not be stored under this identity: ``refused``, ``erased``, or None when it may be.

    ``asked`` says that the request itself has agreed. Without a request (orders, imports of orders) the person must
    have agreed before, where CONSENT_REQUIRED is on.
    """
    if standing is None:
        return "refused" if settings.CONSENT_REQUIRED and not asked else None
    if standing.erased_at is not None and occurred_at <= standing.erased_at:
        return "erased"
    if standing.choice == Choice.REFUSED:
        return "refused"
    if settings.CONSENT_REQUIRED and not asked and standing.choice != Choice.AGREED:
        return "refused"
    return None


def is_closed(kind: IdentityKind, standing: Standing | None) -> bool:
    """Whether nothing may be told under a browser's key any more: it belongs to a person, who speaks by signing in,
    or its owner was erased. Our own addresses give such a browser a new key."""
    if kind != IdentityKind.VISITOR or standing is None:
        return False
    return standing.joined or standing.erased_at is not None
