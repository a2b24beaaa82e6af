"""What a shop tells: what people did, what they say of items, and what was ordered.

Whatever may stand in a page or an order never fails it: the answer says whether something was told, and the log why it
was not. Inside a transaction of the shop nothing is read of orders and nothing is written before it commits.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _

from personalization.capture import rate as capture_rate
from personalization.capture.order_telling import tell_cancellation, tell_order
from personalization.capture.told import told
from personalization.capture.track import happening, store_happening
from personalization.exceptions import InvalidInputError
from personalization.identity.traffic import traffic_flags
from personalization.shortcuts.actor import as_django, find_actor, instant

if TYPE_CHECKING:
    from decimal import Decimal

    from personalization.capture.told import Work
    from personalization.engine.types import Identity
    from personalization.store.ratings import StoredRating


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
    identity, tenant, store = find_actor(who, tenant, store)
    if identity is None:
        raise InvalidInputError("identity", _("Sign in to rate."), code="required")
    whole = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    return capture_rate.rate(
        identity, item, cast("int", whole), text=text, tenant=tenant, store=store, now=instant(now)
    )


def track(
    who: HttpRequest | Identity,
    kind: str,
    item: Any = None,
    *,
    quantity: int | str | Decimal = 1,
    unit_price: str | Decimal | None = None,
    currency: str = "",
    order: Any = "",
    query: str = "",
    client_id: str = "",
    tenant: str = "",
    store: str = "",
    now: int | None = None,
) -> bool:
    """Say that somebody did something with a product: view, click, cart_add, cart_remove, wish, purchase, refund,
    hide or share; or searched: ``track(request, "search", query="red shoes")``.

    Whether it is stored, or will be once the shop's open transaction commits. It is not for somebody who is not known
    or does not want to be, nor when something is wrong with it, which the log tells. Events with the same
    ``client_id`` are stored once. Machines, staff and pages loaded ahead are marked and not learned from.
    """

    def prepare() -> Work | None:
        identity, where, shop = find_actor(who, tenant, store)
        if identity is None:
            return None
        event = happening(
            identity,
            kind,
            item,
            quantity=quantity,
            unit_price=unit_price,
            currency=currency,
            order=order,
            query=query,
            client_id=client_id,
            store=shop,
            now=instant(now),
        )
        request = as_django(who)
        if not isinstance(request, HttpRequest):
            return partial(store_happening, event, tenant=where)
        return partial(store_happening, event, tenant=where, flags=traffic_flags(request), asked=True)

    return told(prepare, what="track")


def record_order(order: Any, request: HttpRequest | None = None, *, tenant: str = "") -> bool:
    """Say that an order was placed, paid or changed; ``order`` is the shop's order or its key.

    It may be said again and again, and before the order has lines or is paid: what is stored is what the shop's
    adapter says of the order after the shop's open transaction has committed. With a ``request``, an order that names
    no customer belongs to that browser. Whether it was taken; why not is in the log.
    """
    who = as_django(request)
    asking = who if isinstance(who, HttpRequest) else None
    return tell_order(order, asking, tenant=tenant, what="record_order")


def cancel_order(order: Any, *, tenant: str = "") -> bool:
    """Say that an order was cancelled: all of it that was not given back yet counts as given back.

    It may be said again and again, and before the order was recorded. Whether it was taken; why not is in the log.
    """
    return tell_cancellation(order, tenant=tenant, what="cancel_order")
