"""What a shop tells: what people did, and what they say of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _

from personalization.capture import rate as capture_rate
from personalization.capture import track as capture_track
from personalization.exceptions import InvalidInputError
from personalization.shortcuts.actor import find_actor, instant

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest

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
    identity, tenant, store = find_actor(who, tenant, store)
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
        now=instant(now),
    )
