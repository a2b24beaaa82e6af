"""From the cart to an order.

What it knows of personalization is what the cart gets: that is reserved before the order, redeemed with it, and released
when it fails. The orders themselves are read by the shop's adapter.
"""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from personalization.shortcuts import redeem, release, reserve
from shop_demo.cart import Cart, Line
from shop_demo.models import Order, OrderLine, Product
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from personalization.shortcuts import OfferResult

AMOUNT = re.compile(r"[0-9]{1,6}\.[0-9]{2}")


class SoldOutError(Exception):
    """Somebody else took the last pieces."""


class OfferGoneError(Exception):
    """The order would not get what its shopper was promised."""


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    basket = Cart(request)
    lines = basket.lines()
    context = {
        "lines": lines,
        "codes": basket.codes,
        "total": sum(line.total for line in lines),
        "here": [line.product for line in lines],
    }
    return render(request, "shop_demo/cart.html", context)


@require_POST
def put_into_cart(request: HttpRequest, sku: str) -> HttpResponse:
    product = get_object_or_404(Product.objects.sold_in(store_of(request)), sku=sku)
    basket = Cart(request)
    asked = request.POST.get("quantity", "")
    more = basket.quantities.get(sku, 0) + 1
    basket.put(sku, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else more)
    if not asked:
        messages.success(request, _("%(name)s lies in your cart.") % {"name": product.title})
    return redirect("cart")


@require_POST
def change_codes(request: HttpRequest) -> HttpResponse:
    """Remember a code, or forget one. What it is good for the cart page says."""
    basket = Cart(request)
    if forgotten := request.POST.get("forget", ""):
        basket.forget_code(forgotten)
    else:
        basket.remember_code(request.POST.get("code", ""))
    return redirect("cart")


@transaction.non_atomic_requests  # or everybody who wants the same offer waits for this order
@require_POST
@login_required
def place_order(request: HttpRequest) -> HttpResponse:
    basket = Cart(request)
    lines = basket.lines()
    if not lines:
        return redirect("cart")
    number, promised = f"W{secrets.token_hex(4).upper()}", _amount(request.POST.get("discount", ""))
    offers = reserve(request, key=number, codes=basket.codes) if promised else None
    try:
        placed = _order(request, number, lines, _kept(offers, promised))
    except (SoldOutError, OfferGoneError) as error:
        if offers is not None:
            release(number)
        messages.error(request, _why_not(error))
        return redirect("cart")
    basket.clear()
    return redirect("thanks", number=placed.number)


@transaction.atomic
def _order(request: HttpRequest, number: str, lines: list[Line], offers: OfferResult | None) -> Order:
    discount, shares = (offers.discount, offers.shares) if offers else (Decimal(0), {})
    store = store_of(request)
    placed = Order.objects.create(
        customer=request.user,
        number=number,
        placed_at=timezone.now(),
        discount=discount,
        code=offers.held.code if offers and offers.held else "",
        store=store.code,
        currency=store.currency,
    )
    for line in sorted(lines, key=lambda line: line.product.pk):
        enough = Product.objects.filter(pk=line.product.pk, stock__gte=line.quantity)
        if not enough.update(stock=F("stock") - line.quantity):
            raise SoldOutError(line.product.title)
        OrderLine.objects.create(
            order=placed,
            product=line.product,
            quantity=line.quantity,
            unit_price=line.price,
            discount=shares.get(line.product.sku, 0),
        )
    if discount and not redeem(number, order=placed).ok:
        raise OfferGoneError
    return placed


def _kept(offers: OfferResult | None, promised: Decimal) -> OfferResult | None:
    """The same, if it is worth what the shopper was promised."""
    if offers is not None and offers.discount < promised:
        raise OfferGoneError
    return offers


def _amount(text: str) -> Decimal:
    """What the cart page said that the offers are worth."""
    return Decimal(text) if AMOUNT.fullmatch(text) else Decimal(0)


def _why_not(error: SoldOutError | OfferGoneError) -> str:
    if isinstance(error, SoldOutError):
        return _("There are not enough pieces of %(name)s left.") % {"name": error}
    return _("The offers for your cart have changed. Please look at the new total.")
