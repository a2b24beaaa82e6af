"""A customer's orders: the list, one of them, and what can be done with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from shop_demo import returns
from shop_demo.cart import Cart
from shop_demo.models import Order
from shop_demo.stores import store_of
from shop_demo.templatetags.shop import money

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, QueryDict

PAGE = 10


def own_orders(request: HttpRequest) -> QuerySet[Order]:
    """The orders of whoever is signed in, newest first, with all that a page shows of them."""
    return request.user.orders.prefetch_related("lines__product", "lines__variant__product", "lines__returns")


def told(order: Order, *, now: datetime) -> dict[str, Any]:
    """What pages say of an order besides what it holds."""
    return {
        "order": order,
        "state": returns.state_of(order, now=now),
        "sent_at": returns.sent_at(order),
        "return_until": returns.return_until(order),
        "can_cancel": returns.can_cancel(order, now=now),
        "can_return": returns.can_return(order, now=now),
    }


@require_safe
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    page = Paginator(own_orders(request), PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {"page_obj": page, "orders": [told(one, now=now) for one in page]}
    return render(request, "shop_demo/orders.html", context)


@require_safe
@login_required
def order(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(own_orders(request), number=number)
    context = told(found, now=timezone.now()) | {
        "back": [one for line in found.lines.all() for one in line.returns.all()],
        "seen": sum(line.returned for line in found.lines.all()),
    }
    return render(request, "shop_demo/order.html", context)


@require_safe
@login_required
def thanks(request: HttpRequest, number: str) -> HttpResponse:
    """What comes after an order was placed."""
    found = get_object_or_404(own_orders(request), number=number)
    context = told(found, now=timezone.now()) | {"bought": [line.product for line in found.lines.all()]}
    return render(request, "shop_demo/thanks.html", context)


@require_POST
@login_required
@transaction.atomic
def cancel_order(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(own_orders(request).select_for_update(), number=number)
    if not returns.cancel(found, now=timezone.now()) and found.cancelled_at is None:
        messages.error(request, _("This order is on its way already. You can return it instead."))
    return redirect("order", number=number)


@require_POST
@login_required
@transaction.atomic
def return_order(request: HttpRequest, number: str) -> HttpResponse:
    """Give pieces back. The page says how many it saw come back before, so that the same form sent twice counts once."""
    found = get_object_or_404(own_orders(request).select_for_update(), number=number)
    pieces = _pieces(request.POST)
    if not returns.can_return(found, now=timezone.now()):
        messages.error(request, _("This order cannot be returned."))
    elif pieces is None or not any(pieces.values()):
        messages.error(request, _("Please say how many pieces you return."))
    elif request.POST.get("seen") == str(sum(line.returned for line in found.lines.all())):
        _give_back(request, found, pieces)
    return redirect("order", number=number)


@require_POST
@login_required
def buy_again(request: HttpRequest, number: str) -> HttpResponse:
    """Put what an order held into the cart, as far as it is for sale where the customer shops now."""
    found = get_object_or_404(own_orders(request), number=number)
    basket, store, missing = Cart(request), store_of(request), 0
    for line in found.lines.all():
        shelf = line.variant or line.product
        if line.product.for_sale and shelf.stock and line.product.price_in(store) is not None:
            basket.put(shelf.sku, basket.quantities.get(shelf.sku, 0) + line.quantity)
        else:
            missing += 1
    if missing:
        text = ngettext("%(n)d product is not for sale now.", "%(n)d products are not for sale now.", missing)
        messages.warning(request, text % {"n": missing})
    return redirect("cart")


def _give_back(request: HttpRequest, found: Order, pieces: dict[int, int]) -> None:
    try:
        amount = returns.give_back(found, pieces, now=timezone.now())
    except returns.TooManyError:
        messages.error(request, _("That is more than you can return of this order."))
    else:
        text = _("Your return is noted. You get %(amount)s back.")
        messages.success(request, text % {"amount": money(amount, found.currency)})


def _pieces(form: QueryDict) -> dict[int, int] | None:
    """How many of which line, as the fields ``pieces-<line>`` say; None when one of them is no number."""
    names = [name for name in form if name.startswith("pieces-")]
    texts = [(name.removeprefix("pieces-"), form.get(name) or "0") for name in names]
    if not all(_is_number(text) for pair in texts for text in pair):
        return None
    return {int(line): int(count) for line, count in texts}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
