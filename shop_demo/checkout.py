"""From the cart to an order.

What it knows of personalization is what the cart gets: that is reserved before the order, redeemed with it, and released
when it fails. The orders themselves are read by the shop's adapter.
"""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from personalization.shortcuts import redeem, release, reserve
from shop_demo.cart import MOST, Cart, Line
from shop_demo.models import Order, OrderLine, Product
from shop_demo.stock import take
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
    context = _contents(basket) | {
        "here": [line.product for line in basket.lines()],
        "aside": basket.aside(),
        "most": MOST,
    }
    return render(request, "shop_demo/cart.html", context)


@require_POST
def put_into_cart(request: HttpRequest, sku: str) -> HttpResponse:
    """Another piece of a product, of the variant that was picked; on the product's page one is asked for."""
    product = get_object_or_404(Product.objects.sold_in(store_of(request)), sku=sku)
    variants = {variant.sku: variant for variant in product.variants.all()}
    picked = variants.get(request.POST.get("variant", ""))
    if variants and (picked is None or not picked.stock):
        messages.error(request, _("Please choose one that is in stock."))
        return redirect(product)
    basket, key = Cart(request), sku if picked is None else picked.sku
    asked = _pieces(request)
    basket.put(key, basket.quantities.get(key, 0) + 1 if asked is None else asked)
    if asked is None:
        name = f"{product.title} ({picked.label})" if picked else product.title
        messages.success(request, _("%(name)s lies in your cart.") % {"name": name})
    return redirect("cart")


@require_POST
def change_pieces(request: HttpRequest) -> HttpResponse:
    """How many of a line: one more, one less, the number that was typed, or none."""
    basket, key = Cart(request), request.POST.get("line", "")
    if key in basket.quantities and (asked := _pieces(request)) is not None:
        basket.put(key, asked)
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
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def check_out(request: HttpRequest) -> HttpResponse:
    """Show once more what would be ordered, or order it."""
    basket = Cart(request)
    lines = basket.lines()
    if not lines:
        return redirect("cart")
    if request.method != "POST":
        return render(request, "shop_demo/checkout.html", _contents(basket))
    number, promised = f"W{secrets.token_hex(4).upper()}", _amount(request.POST.get("discount", ""))
    offers = reserve(request, key=number, codes=basket.codes) if promised else None
    try:
        placed = _order(request, number, lines, _kept(offers, promised))
    except (SoldOutError, OfferGoneError) as error:
        if offers is not None:
            release(number)
        messages.error(request, _why_not(error))
        return redirect("cart")
    basket.forget_ordered(lines)
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
    for line in sorted(lines, key=_shelf):
        if not take(line.product, line.variant, line.quantity):
            raise SoldOutError(line.product.title)
        OrderLine.objects.create(
            order=placed,
            product=line.product,
            variant=line.variant,
            quantity=line.quantity,
            unit_price=line.price,
            discount=shares.get(line.key, 0),
        )
    if discount and not redeem(number, order=placed).ok:
        raise OfferGoneError
    return placed


def _shelf(line: Line) -> tuple[int, int]:
    """Everybody takes in the same order, so that nobody waits for somebody who waits for them."""
    return line.product.pk, 0 if line.variant is None else line.variant.pk


def _contents(basket: Cart) -> dict[str, Any]:
    lines = basket.lines()
    return {"lines": lines, "codes": basket.codes, "total": sum(line.total for line in lines)}


def _pieces(request: HttpRequest) -> int | None:
    """The number of pieces that a form asks for, None when that is no number."""
    asked = request.POST.get("quantity", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else None


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
