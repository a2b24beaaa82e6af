"""What a shop asks: recommendations for a page."""

from __future__ import annotations

import secrets
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from personalization import campaigns, serving
from personalization.engine.types import Mode, Recommendation
from personalization.shortcuts.event_loop import find_awaited, has_awaited, in_event_loop, keep_awaited
from personalization.shortcuts.question import item_keys, make_query
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from personalization.engine.types import Identity, Query

logger = getLogger("personalization")
_CACHE_KEY: Final = "_personalization_cache_key"


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
    """Items for somebody, best first, each with a reason that is true; in a campaign slot, what a campaign shows.

    ``slot`` names the place, ``item`` is the product (or its key, or a list of them) that the page is about,
    ``exclude`` are products that the page shows already. ``now`` is an instant in UTC microseconds: nothing that
    happened at or after it is used. With a request, the adapter says tenant and store, and the slots of one request
    share one read and repeat no item. Raises InvalidInputError naming what is wrong.

    >>> for entry in recommend(request, slot="similar", item=product).items:
    ...     print(entry.card.title, entry.text)
    """
    query, request = make_query(
        who, slot=slot, item=item, count=count, exclude=exclude, tenant=tenant, store=store, now=now
    )
    return answer_query(query, request=request)


def answer_query(query: Query, *, request: HttpRequest | None) -> Recommendation:
    """What the slot of a query shows: items, or a campaign."""
    if serving.get_slot(query.slot).kind == serving.SlotKind.CAMPAIGN:
        return campaigns.show(query, request=request)
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
    leaves the host's transaction unusable is raised: hiding it would lose the host's own writes. In an event loop
    it has what the view awaited from `aslot`, or nothing.
    """
    options = {"item": item, "count": count, "exclude": exclude}
    awaited = find_awaited_slot(request, name, options)
    if awaited is not None:
        return awaited
    if in_event_loop():
        logger.warning(
            "slot %s was asked for in an event loop: await aslot(), or render it with its tag", name
        )
        return _nothing(name)
    answer = shielded(lambda: recommend(request, slot=name, **options), what=f"slot {name}", otherwise=None)
    return answer or _newest(request, name, options)


async def aslot(
    request: HttpRequest,
    name: str,
    *,
    item: Any = None,
    count: int | None = None,
    exclude: Iterable[Any] = (),
) -> Recommendation:
    """The same for async views; it never raises either.

    The request keeps the answer, and the tag of the same slot shows it: nothing of it blocks the event loop.
    """
    options = {"item": item, "count": count, "exclude": exclude}
    return await sync_to_async(_slot_kept)(request, name, options)


def find_awaited_slot(
    request: HttpRequest | Identity | None, name: str, options: dict[str, Any]
) -> Recommendation | None:
    """What the view awaited for this slot, None when it did not."""
    if not has_awaited(request):
        return None
    return shielded(
        lambda: find_awaited(request, name, options), what=f"what was awaited for {name}", otherwise=None
    )


def cache_key(request: HttpRequest | None) -> str:
    """A key for parts of a page that the shop caches itself: equal for two requests only if the answers of one may be
    shown to the other.

    It names the person and changes when that person opts out or is erased; for people of whom nothing is known it
    begins with ``anonymous``. When it cannot be told, no other request has the same. The page's slots share the
    statement that it costs.

    >>> cache.get_or_set(f"teaser:{cache_key(request)}", make_teaser, 300)
    """
    key: str = getattr(request, _CACHE_KEY, "")
    if request is not None and not in_event_loop():
        key = shielded(lambda: _cache_key(request), what="cache_key", otherwise="")
    if not key:
        serving.mark_personal(getattr(request, "_request", request))
    return key or f"once.{secrets.token_hex(8)}"


def _slot_kept(request: HttpRequest, name: str, options: dict[str, Any]) -> Recommendation:
    asked = shielded(
        lambda: {**options, "item": item_keys(options["item"]), "exclude": item_keys(options["exclude"])},
        what=f"the options of slot {name}",
        otherwise={"item": None, "count": options["count"], "exclude": ()},
    )
    answer = slot(request, name, **asked)
    keep_awaited(request, name, asked, answer)
    setattr(request, _CACHE_KEY, cache_key(request))  # the template may need it, where nobody can be asked
    return answer


def _cache_key(request: HttpRequest) -> str:
    query, page = make_query(request, slot="")
    return serving.cache_key(query, request=page)


def _newest(who: HttpRequest | Identity | None, name: str, options: dict[str, Any]) -> Recommendation:
    """The newest products, for a slot that failed."""
    count = options["count"]
    usable = count if isinstance(count, int) and 1 <= count <= serving.MOST_ITEMS else None

    def ask() -> Recommendation:
        query, request = make_query(who, slot=name, **{**options, "count": usable})
        return serving.recommend_newest(query, request=request)

    return shielded(ask, what="", otherwise=_nothing(name))


def _nothing(name: str) -> Recommendation:
    return Recommendation(id="", slot=name, mode=Mode.NON_PERSONALIZED, items=())
