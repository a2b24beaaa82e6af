"""A cart, its shopper, and promotions made as the shop makes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from personalization.engine.promotions import AmountOff, PercentOff, PricedCart, price_cart
from personalization.engine.rules import Facts, default_vocabulary
from personalization.engine.types import Cart, CartLine
from personalization.promotions.quote import Quoted
from personalization.promotions.quote import quote as quote_request
from personalization.promotions.request import Request
from personalization.promotions.reserve import reserve as reserve_request
from personalization.promotions.result import Result
from personalization.store.coupons import NewCoupons, add_coupons
from personalization.store.promotion_content import PromotionContent, State
from personalization.store.promotions import PROMOTIONS
from tests.promotions.ledger import NOW

KINDS = default_vocabulary()
FROM_50 = '{"kind":"cart.subtotal","op":"at_least","value":"50.00","currency":"EUR"}'
SIGNED_IN = '{"kind":"visitor.signed_in","op":"yes"}'
TEN = PercentOff(Decimal(10))


def cart(*prices: str, currency: str = "EUR") -> PricedCart:
    """A cart with a piece at each of these prices."""
    lines = tuple([CartLine(f"item-{number}", "1", price) for number, price in enumerate(prices)])
    return price_cart(Cart(lines, currency), {})


def asking(*codes: str, prices: tuple[str, ...] = ("30.00", "10.00"), **columns: Any) -> Request:
    """Somebody with a cart of 40.00 EUR who tries some codes."""
    usual = {"cart": cart(*prices), "facts": Facts({}, now=0), "codes": codes}
    return Request(**(usual | columns))


def promotion(
    benefit: AmountOff | PercentOff = TEN,
    *,
    tenant: str = "",
    of: int | None = None,
    version: int = 0,
    **columns: Any,
) -> int:
    """Save a promotion that runs; its id."""
    content = PromotionContent(
        **({"title": "Autumn", "currency": "EUR", "state": State.RUNNING} | columns), benefit=benefit
    )
    saved = PROMOTIONS.save(
        content,
        row=of,
        expected_version=version,
        vocabulary=KINDS,
        author="kim",
        tenant=tenant,
        now=NOW,
    )
    return saved.id


def coupon(code: str, unlocks: int, *, tenant: str = "", **columns: Any) -> None:
    add_coupons([code], NewCoupons(unlocks, **columns), tenant=tenant, now=NOW)


def quote(request: Request, *, now: int = NOW) -> Quoted:
    return quote_request(request, vocabulary=KINDS, now=now)


def reserve(request: Request, key: str = "cart-1", *, now: int = NOW, **more: Any) -> Result:
    return reserve_request(request, key=key, vocabulary=KINDS, now=now, **more)


def said(quoted: Quoted | Result) -> list[tuple[str, str, str]]:
    """Of each code that gives nothing: what the shopper is told, and what staff see."""
    return [(one.code, str(one.reason), str(one.detail)) for one in quoted.refused]
