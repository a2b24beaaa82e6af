"""What the shopper has said of items, and how it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.adapters import get_adapter
from personalization.engine.ids import is_key
from personalization.identity.owner import find_owner
from personalization.shortcuts.actor import as_django
from personalization.store import ratings
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Identity
    from personalization.store.ratings import StoredRating


def my_ratings(request: HttpRequest, item: Any = None) -> tuple[StoredRating, ...]:
    """The ratings of whoever is signed in, or of this browser: of a product, or newest first, 200 at most. It never
    raises."""

    def read() -> tuple[StoredRating, ...]:
        owner, tenant = _owner(request)
        key = None if item is None else get_adapter().key_of(item)
        if owner is None or not (key is None or is_key(key)):
            return ()
        return tuple(ratings.own_ratings(owner, tenant=tenant, item=key))

    return shielded(read, what="my_ratings", otherwise=())


def take_rating_back(request: HttpRequest, item: Any) -> bool:
    """Forget what whoever is signed in, or this browser, said of a product; whether there was anything to forget.

    It may be repeated. Raises whatever the database raises.
    """
    owner, tenant = _owner(request)
    key = get_adapter().key_of(item)
    return owner is not None and is_key(key) and ratings.delete_own_rating(owner, key, tenant=tenant)


def _owner(request: HttpRequest) -> tuple[Identity | None, str]:
    asked: HttpRequest = as_django(request)  # type: ignore[assignment]  # a request stays one
    tenant = get_adapter().tenant(asked)
    return find_owner(asked, tenant=tenant), tenant
