"""What a shop asks: recommendations for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from personalization import serving
from personalization.adapters import get_adapter
from personalization.engine.types import Identity, Mode, Query, Recommendation
from personalization.shortcuts.actor import find_actor, instant
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Iterable


def recommend(
    who: HttpRequest | Identity | None,
    *,
    slot: str = "for_you",
    item: Any = None,
    count: int | None = None,
    exclude: Iterable[Any] = (),
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> Recommendation:
    """Items for somebody, best first, each with a reason that is true.

    ``slot`` names the place, ``item`` is the product (or its key, or a list of them) that the page is about,
    ``exclude`` are products that the page shows already. ``now`` is an instant in UTC microseconds: nothing that
    happened at or after it is used. With a request, the adapter says tenant and store, and the slots of one request
    share one read and repeat no item. Raises InvalidInputError naming what is wrong.

    >>> for entry in recommend(request, slot="similar", item=product).items:
    ...     print(entry.card.title, entry.text)
    """
    query, request = _query(
        who, slot=slot, item=item, count=count, exclude=exclude, tenant=tenant, store=store, now=now
    )
    return serving.recommend(query, request=request)


def slot(
    request: HttpRequest | Identity | None,
    name: str,
    *,
    item: Any = None,
    count: int | None = None,
    exclude: Iterable[Any] = (),
) -> Recommendation:
    """What `recommend` answers, for a page that must not break.

    Whatever fails is logged, and the block falls back to the newest products, or to nothing. Only an error that
    leaves the host's transaction unusable is raised: hiding it would lose the host's own writes.
    """
    answer = shielded(
        lambda: recommend(request, slot=name, item=item, count=count, exclude=exclude),
        what=f"slot {name}",
        otherwise=None,
    )
    if answer is not None:
        return answer
    usual = count if isinstance(count, int) and 1 <= count <= serving.MOST_ITEMS else None
    return shielded(
        lambda: _newest(request, name, item=item, count=usual, exclude=exclude),
        what=f"the fallback of slot {name}",
        otherwise=Recommendation(id="", slot=name, mode=Mode.NON_PERSONALIZED, items=()),
    )


def _newest(who: HttpRequest | Identity | None, name: str, **options: Any) -> Recommendation:
    query, request = _query(who, slot=name, **options)
    return serving.recommend_newest(query, request=request)


def _query(
    who: HttpRequest | Identity | None,
    *,
    slot: str,
    item: Any,
    count: int | None,
    exclude: Iterable[Any],
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> tuple[Query, HttpRequest | None]:
    key_of = get_adapter().key_of
    identity, tenant, store = find_actor(who, tenant, store)
    products = item if isinstance(item, (list, tuple)) else () if item is None else (item,)
    query = Query(
        slot=slot,
        now=instant(now),
        count=count,
        identity=identity,
        items=tuple([key_of(product) for product in products]),
        exclude=frozenset([key_of(product) for product in exclude]),
        tenant=tenant,
        store=store,
    )
    return query, who if isinstance(who, HttpRequest) else None
