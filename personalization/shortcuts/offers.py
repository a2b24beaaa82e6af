"""What a shop asks of its promotions, from the cart to the order and back.

``quote`` changes nothing. ``reserve`` holds what a cart gets until it is ordered, ``redeem`` makes that the order's, and
``release`` gives it back. Refusals are answers. What fails is raised, as a discount without a line in the ledger is a
loss; a page that must not break shows offers with ``{% cart_offers %}``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from personalization.adapters import get_adapter
from personalization.promotions import redeem as ledger
from personalization.promotions.quote import quote as quote_request
from personalization.promotions.reserve import MINUTES
from personalization.promotions.reserve import reserve as reserve_request
from personalization.registry import get_vocabulary
from personalization.shortcuts.actor import as_django, instant
from personalization.shortcuts.offer import AppliedOffer, CartOffers, OfferResult
from personalization.shortcuts.offer_request import offer_request
from personalization.shortcuts.offer_words import told
from personalization.store.live_promotions import live_promotions
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

    from personalization.engine.promotions import Applied
    from personalization.engine.types import Cart
    from personalization.promotions.result import Held, Refused, Result
    from personalization.shortcuts.offer import RefusedOffer


def quote(
    request: HttpRequest,
    *,
    codes: Iterable[str] | str = (),
    cart: Cart | None = None,
    email: str = "",
    now: int | None = None,
) -> CartOffers:
    """What the shopper's cart would get now. Nothing is changed, and nothing held.

    ``codes``: what the shopper typed, up to ten, which the shop remembers; ``cart``: default the adapter's, and prices
    that it does not say are those of the cards; ``email``: the address that a guest has given. Raises InvalidInputError
    for a cart that cannot be priced, and whatever the database raises.

    >>> offers = quote(request, codes=["SAVE10"])
    >>> offers.total, [refused.text for refused in offers.refused_codes]
    """
    asked, at = _request(request), instant(now)
    version = read_stamp(RULES, tenant=get_adapter().tenant(asked))
    wanted = offer_request(asked, codes=codes, cart=cart, email=email, now=at, version=version)
    if not wanted.cart.currency:  # nothing lies in it
        return CartOffers("", Decimal(0), Decimal(0), Decimal(0))
    quoted = quote_request(wanted, vocabulary=get_vocabulary(), now=at, version=version)
    found, typed = quoted.quote, quoted.offers.typed
    return CartOffers(
        currency=found.currency,
        subtotal=found.subtotal,
        discount=found.discount,
        total=found.total,
        applied=tuple([_applied(one, typed) for one in found.applied]),
        refused=_refused(quoted.refused, wanted.tenant, version),
    )


def reserve(
    request: HttpRequest,
    *,
    key: str,
    codes: Iterable[str] | str = (),
    cart: Cart | None = None,
    email: str = "",
    minutes: int = MINUTES,
    now: int | None = None,
) -> OfferResult:
    """Hold what the cart gets now, for some minutes, so that nobody else can take it.

    ``key``: of the shop's own and new for every order that is tried, such as its number; the same call again gets the
    same answer. It is not ``ok`` where nothing applies, which is no reason not to sell. Call it before the transaction of
    the order, from a view with ``non_atomic_requests``: inside one it holds up everybody who wants the same offer. Raises
    as `quote`.
    """
    asked, at = _request(request), instant(now)
    wanted = offer_request(asked, codes=codes, cart=cart, email=email, now=at)
    if not wanted.cart.currency:
        return OfferResult()
    result = reserve_request(wanted, key=key, vocabulary=get_vocabulary(), minutes=minutes, now=at)
    return _result(result, wanted.tenant)


def redeem(key: str, *, order: Any, tenant: str = "", now: int | None = None) -> OfferResult:
    """Make what was reserved under a key the order's; the same call again gets the same answer.

    Call it inside the transaction that stores the order, and give that up when it is not ``ok``: the time of the
    reservation is over. ``order``: the shop's order or its key. Raises InvalidInputError, and whatever the database raises.
    """
    number = get_adapter().order_key(order)
    return _result(ledger.redeem(key, order=number, tenant=tenant, now=instant(now)), tenant)


def release(key: str, *, tenant: str = "", now: int | None = None) -> OfferResult:
    """Give back what was reserved under a key, or used, as when the order fails; repeating it changes nothing. Raises
    whatever the database raises."""
    return _result(ledger.release(key, tenant=tenant, now=instant(now)), tenant)


def release_order(order: Any, *, tenant: str = "", now: int | None = None) -> tuple[Held, ...]:
    """Give back what an order has used, as when it is cancelled, so that its coupons can be used again.

    Empty when it used nothing; repeating it changes nothing. Raises as `redeem`.
    """
    return ledger.release_order(get_adapter().order_key(order), tenant=tenant, now=instant(now))


def _request(request: HttpRequest) -> HttpRequest:
    return as_django(request)  # type: ignore[return-value]  # a request stays one


def _applied(applied: Applied, typed: Mapping[str, str]) -> AppliedOffer:
    code = typed.get(applied.code, applied.code)
    return AppliedOffer(applied.promotion, applied.title, code, applied.amount, applied.shares)


def _result(result: Result, tenant: str) -> OfferResult:
    return OfferResult(result.held, _refused(result.refused, tenant, None) if result.refused else ())


def _refused(refused: Iterable[Refused], tenant: str, version: int | None) -> tuple[RefusedOffer, ...]:
    running = live_promotions(tenant, vocabulary=get_vocabulary(), version=version).promotions
    named = [(one, None if one.promotion is None else running.get(one.promotion)) for one in refused]
    return tuple([told(one, None if live is None else live.promotion) for one, live in named])
