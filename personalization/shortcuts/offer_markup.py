"""Offers and coupons on a page that must not break."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.safestring import SafeString

from personalization.adapters import Adapter, get_adapter
from personalization.serving import mark_personal
from personalization.shortcuts.actor import as_django
from personalization.shortcuts.event_loop import in_event_loop
from personalization.shortcuts.offers import quote
from personalization.shortcuts.own_coupons import my_coupons
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from personalization.shortcuts.offer import CartOffers
    from personalization.shortcuts.own_coupons import MyCoupon

    Answer = TypeVar("Answer")

logger = logging.getLogger("personalization")


def find_cart_offers(request: Any, *, codes: Iterable[str] | str = (), email: str = "") -> CartOffers | None:
    """What `quote` answers; None where nobody knows the cart, and when something fails, which the log tells."""

    def ask(asked: HttpRequest) -> CartOffers | None:
        if type(get_adapter()).cart is Adapter.cart:
            return None
        return quote(asked, codes=codes, email=email)

    return ask_for_part(request, ask, what="cart_offers", otherwise=None)


def find_my_coupons(request: Any) -> tuple[MyCoupon, ...]:
    """What `my_coupons` answers; none when something fails, which the log tells."""
    return ask_for_part(request, my_coupons, what="my_coupons", otherwise=())


def render_part(template: str, request: Any, **values: Any) -> SafeString:
    """A part of the page, from a template that the shop may replace. It renders nothing when that fails."""
    return shielded(
        lambda: SafeString(
            get_template(f"personalization/{template}.html").render({**values, "request": request})
        ),
        what=f"rendering {template}",
        otherwise=SafeString(""),
    )


def ask_for_part(
    request: Any, ask: Callable[[HttpRequest], Answer], *, what: str, otherwise: Answer
) -> Answer:
    """The page is the shopper's own from here on, also when the answer fails."""
    django_request = as_django(request)
    if not isinstance(django_request, HttpRequest):
        return otherwise
    mark_personal(django_request)
    if in_event_loop():
        logger.warning("%s was asked for in an event loop, where the database must not be asked", what)
        return otherwise
    return shielded(lambda: ask(django_request), what=what, otherwise=otherwise)
