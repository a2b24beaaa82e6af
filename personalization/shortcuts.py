"""The Python API for shops. Who acts may be given as a request, or as an `Identity`.

``recommend`` raises when it is asked for something that does not exist; ``slot``, which pages use, never does.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from logging import getLogger
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from personalization import serving
from personalization.adapters import get_adapter
from personalization.capture import rate as capture_rate
from personalization.capture import track as capture_track
from personalization.engine.types import Identity, IdentityKind, Mode, Query, Recommendation
from personalization.exceptions import InvalidInputError
from personalization.identity.resolve import find_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from personalization.store.ratings import StoredRating

    Answer = TypeVar("Answer")

__all__ = ["Identity", "IdentityKind", "Recommendation", "rate", "recommend", "slot", "track"]

logger = getLogger(__name__)


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
    try:
        return _guarded(lambda: recommend(request, slot=name, item=item, count=count, exclude=exclude))
    except Exception:
        if connection.needs_rollback:
            raise
        logger.exception("slot %s failed", name)
    usual = count if isinstance(count, int) and 1 <= count <= serving.MOST_ITEMS else None
    try:
        return _guarded(lambda: _newest(request, name, item=item, count=usual, exclude=exclude))
    except Exception:
        if connection.needs_rollback:
            raise
    return Recommendation(id="", slot=name, mode=Mode.NON_PERSONALIZED, items=())


def rate(
    who: HttpRequest | Identity,
    item: Any,
    value: int | str,
    *,
    text: str = "",
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> StoredRating:
    """Store what somebody says of an item; ``value`` is a whole number on the scale of RATING_SCALE.

    Raises InvalidInputError naming ``identity`` (nobody is signed in), ``value``, ``text`` or ``item``.
    """
    identity, tenant, store = _actor(who, tenant, store)
    if identity is None:
        raise InvalidInputError("identity", _("Sign in to rate."), code="required")
    whole = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    return capture_rate.rate(
        identity, item, cast("int", whole), text=text, tenant=tenant, store=store, now=_instant(now)
    )


def track(
    who: HttpRequest | Identity,
    kind: str,
    item: Any,
    *,
    quantity: int | str | Decimal = 1,
    unit_price: str | Decimal = "",
    currency: str = "",
    order: str = "",
    client_id: str = "",
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> None:
    """Store that somebody did something with a product: view, click, cart_add, cart_remove, wish, purchase, refund,
    hide or share.

    Events with the same ``client_id`` are stored once. Inside a transaction nothing is written before it commits. What
    nobody known does (a request without a signed-in user) is not stored. Raises InvalidInputError naming what is wrong.
    """
    identity, tenant, store = _actor(who, tenant, store)
    if identity is None:
        return
    capture_track.track(
        identity,
        kind,
        item,
        quantity=quantity,
        unit_price=unit_price,
        currency=currency,
        order=order,
        client_id=client_id,
        tenant=tenant,
        store=store,
        now=_instant(now),
    )


def _actor(who: HttpRequest | Identity | None, tenant: str, store: str) -> tuple[Identity | None, str, str]:
    """Who acts, in which tenant and store; what the caller names comes before what the adapter says."""
    if not isinstance(who, HttpRequest):
        return who, tenant, store
    adapter = get_adapter()
    return find_identity(who), tenant or adapter.tenant(who), store or adapter.store(who)


def _instant(now: int | None) -> int:
    return time.time_ns() // 1000 if now is None else now


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
    identity, tenant, store = _actor(who, tenant, store)
    products = item if isinstance(item, (list, tuple)) else () if item is None else (item,)
    query = Query(
        slot=slot,
        now=_instant(now),
        count=count,
        identity=identity,
        items=tuple([key_of(product) for product in products]),
        exclude=frozenset([key_of(product) for product in exclude]),
        tenant=tenant,
        store=store,
    )
    return query, who if isinstance(who, HttpRequest) else None


def _guarded(read: Callable[[], Answer]) -> Answer:
    """Read inside a savepoint where a failed SELECT would poison the host's transaction (SQLite bears it)."""
    risky = connection.in_atomic_block and connection.vendor != "sqlite"
    with transaction.atomic() if risky else nullcontext():
        return read()
