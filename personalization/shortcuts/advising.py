"""What a shop asks for somebody who knows what is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from personalization import serving
from personalization.engine.knowledge import read_wish
from personalization.exceptions import InvalidInputError
from personalization.shortcuts.actor import as_django, find_actor
from personalization.shortcuts.question import item_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalization.engine.types import Identity
    from personalization.serving import Advice


def advise(
    who: HttpRequest | Identity | None,
    *,
    must: Sequence[Mapping[str, Any]] = (),
    should: Sequence[Mapping[str, Any]] = (),
    utility: Sequence[Mapping[str, Any]] = (),
    like: Any = None,
    critiques: Sequence[Mapping[str, Any]] = (),
    count: int = 12,
    tenant: str = "",
    store: str = "",
) -> Advice:
    """Items that are as they must and should be, best first, and which musts had to be given up to find any.

    Nothing about the visitor is used. ``like`` is a product, or its key, that the one sought resembles; ``critiques`` say
    in what it differs. Raises InvalidInputError naming what is wrong by its place, ``must.0.at_most``.

    >>> advise(request, must=[{"field": "price", "at_most": 50}], should=[{"field": "brand", "is": "Acme"}])
    >>> advise(request, like=product, critiques=[{"field": "price", "change": "less"}])
    """
    who = as_django(who)
    _identity, tenant, store = find_actor(who, tenant, store)
    keys = item_keys(like)
    if len(keys) > 1:
        raise InvalidInputError("like", "one item is expected", code="too_long")
    key = keys[0] if keys else ""
    wish = read_wish(
        {"must": must, "should": should, "utility": utility, "like": key, "critiques": critiques}
    )
    request = who if isinstance(who, HttpRequest) else None
    return serving.advise(wish, count=count, tenant=tenant, store=store, request=request)
