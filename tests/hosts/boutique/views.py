from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Prefetch
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import aget_object_or_404, get_object_or_404, redirect, render
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_POST, require_safe

from personalization.shortcuts import aslot, record_order  # personalization
from tests.hosts.boutique.basket import Basket, quantity_of
from tests.hosts.boutique.models import Order, OrderLine, Price, Product, Stock

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

CONSENT_COOKIE = "cookies_ok"


def priced(request: HttpRequest) -> Prefetch:
    return Prefetch("prices", Price.objects.filter(currency=request.store.currency))


@require_safe
@cache_page(300)
def home(request: HttpRequest) -> HttpResponse:
    products = Product.objects.shown(request.store).prefetch_related(priced(request)).order_by("-created_at")
    return render(request, "boutique/home.html", {"products": products[:24]})


@transaction.non_atomic_requests  # Django's transactions do not know event loops
async def product(request: HttpRequest, key: UUID) -> HttpResponse:
    shown = Product.objects.shown(request.store).prefetch_related(priced(request), "variants")
    found = await aget_object_or_404(shown, pk=key)
    await aslot(request, "similar", item=found, count=4)  # personalization
    return render(request, "boutique/product.html", {"product": found})


@require_POST
def put_into_basket(request: HttpRequest) -> HttpResponse:
    try:
        found = get_object_or_404(Product, pk=request.POST.get("product"))
    except ValueError as error:  # no UUID
        raise Http404 from error
    quantity = quantity_of(request.POST.get("quantity", ""), by_weight=found.by_weight)
    if quantity is None:
        return HttpResponseBadRequest("数量有误")
    Basket(request).put(str(found.pk), quantity)
    return redirect("basket")


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    lines = Basket(request).lines()
    return render(
        request, "boutique/basket.html", {"lines": lines, "total": sum(line.total for line in lines)}
    )


@require_POST
def check_out(request: HttpRequest) -> HttpResponse:
    """Everything or nothing: the whole request is one transaction."""
    in_basket = Basket(request)
    lines = in_basket.lines()
    email = request.user.email if request.user.is_authenticated else request.POST.get("email", "")
    if not (lines and email):
        return redirect("basket")
    for line in lines:
        shelf = Stock.objects.filter(
            product=line.product, store=request.store.code, quantity__gte=line.quantity
        )
        if not shelf.update(quantity=F("quantity") - line.quantity):
            transaction.set_rollback(True)
            return redirect("basket")
    customer = request.user if request.user.is_authenticated else None
    order = Order(customer=customer, email=email, store=request.store.code, currency=request.store.currency)
    Order.objects.bulk_create([order])
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=line.product, quantity=line.quantity, unit_price=line.unit_price)
        for line in lines
    )
    record_order(order, request=request)  # personalization
    in_basket.clear()
    request.session["order"] = str(order.pk)
    return redirect("thanks")


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.prefetch_related("lines__product")
    return render(
        request,
        "boutique/thanks.html",
        {"order": get_object_or_404(orders, pk=request.session.get("order"))},
    )


def consent(request: HttpRequest) -> HttpResponse:
    """The banner's page: yes or no, kept in a cookie of the shop's own."""
    if request.method != "POST":
        return render(request, "boutique/consent.html")
    response = redirect("home")
    agreed = "yes" if request.POST.get("answer") == "yes" else "no"
    response.set_cookie(CONSENT_COOKIE, agreed, max_age=180 * 86_400, samesite="Lax")
    return response
