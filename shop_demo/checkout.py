"""From the cart to an order, and back. Nothing here knows of personalization: the shop's adapter reads the orders."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shop_demo.cart import Cart, Line
from shop_demo.models import Order, OrderLine, Product

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest, HttpResponse


class SoldOutError(Exception):
    """Somebody else took the last pieces."""


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    lines = Cart(request).lines()
    context = {
        "lines": lines,
        "total": sum(line.total for line in lines),
        "here": [line.product for line in lines],
    }
    return render(request, "shop_demo/cart.html", context)


@require_POST
def put_into_cart(request: HttpRequest, sku: str) -> HttpResponse:
    product = get_object_or_404(Product, sku=sku, available=True)
    basket = Cart(request)
    asked = request.POST.get("quantity", "")
    more = basket.quantities.get(sku, 0) + 1
    basket.put(sku, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else more)
    if not asked:
        messages.success(request, _("%(name)s lies in your cart.") % {"name": product.name})
    return redirect("cart")


@require_POST
@login_required
def place_order(request: HttpRequest) -> HttpResponse:
    basket = Cart(request)
    lines = basket.lines()
    if not lines:
        return redirect("cart")
    try:
        order = _order(request.user, lines)
    except SoldOutError as error:
        messages.error(request, _("There are not enough pieces of %(name)s left.") % {"name": error})
        return redirect("cart")
    basket.clear()
    return redirect("order", number=order.number)


@require_safe
@login_required
def order(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(request.user.orders.prefetch_related("lines__product"), number=number)
    return render(request, "shop_demo/order.html", {"order": found})


@require_safe
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "shop_demo/orders.html",
        {"orders": request.user.orders.prefetch_related("lines__product")[:50]},
    )


@require_POST
@login_required
def cancel_order(request: HttpRequest, number: str) -> HttpResponse:
    with transaction.atomic():
        found = get_object_or_404(request.user.orders.select_for_update(), number=number)
        if found.cancelled_at is None:
            found.cancelled_at = timezone.now()
            found.save(update_fields=["cancelled_at"])
            for line in found.lines.all():
                Product.objects.filter(pk=line.product_id).update(stock=F("stock") + line.quantity)
    return redirect("order", number=number)


@transaction.atomic
def _order(customer: User, lines: list[Line]) -> Order:
    placed = Order.objects.create(
        customer=customer, number=f"W{secrets.token_hex(4).upper()}", placed_at=timezone.now()
    )
    for line in sorted(lines, key=lambda line: line.product.pk):
        enough = Product.objects.filter(pk=line.product.pk, stock__gte=line.quantity)
        if not enough.update(stock=F("stock") - line.quantity):
            raise SoldOutError(line.product.name)
        OrderLine.objects.create(
            order=placed, product=line.product, quantity=line.quantity, unit_price=line.product.price
        )
    return placed
