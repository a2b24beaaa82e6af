"""What a shop asks, as serving understands it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from personalization.adapters import get_adapter
from personalization.engine.types import Query
from personalization.shortcuts.actor import as_django, find_actor, instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from personalization.engine.types import Identity


def make_query(
    who: HttpRequest | Identity | None,
    *,
    slot: str,
    item: Any = None,
    count: int | None = None,
    exclude: Iterable[Any] = (),
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> tuple[Query, HttpRequest | None]:
    """The query, and the request whose page it belongs to."""
    who = as_django(who)
    identity, tenant, store = find_actor(who, tenant, store)
    query = Query(
        slot=slot,
        now=instant(now),
        count=count,
        identity=identity,
        items=item_keys(item),
        exclude=frozenset(item_keys(exclude)),
        tenant=tenant,
        store=store,
    )
    return query, who if isinstance(who, HttpRequest) else None


def item_keys(products: Any) -> tuple[str, ...]:
    """Keys of one product, of several, or of none; what is a key already stays as it is."""
    if products is None:
        return ()
    several = not isinstance(products, str) and hasattr(products, "__iter__")
    key_of = get_adapter().key_of
    return tuple([key_of(product) for product in (products if several else (products,))])
