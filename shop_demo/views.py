"""The shop's pages. What they know of personalization: `rate`, and the tags in the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from personalization.exceptions import PersonalizationError
from personalization.shortcuts import rate
from shop_demo.drawings import draw
from shop_demo.models import Category, Product
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

STARS = range(1, 6)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shop_demo/home.html", {"personas": PERSONAS, "password": DEMO_PASSWORD})


class ProductList(ListView):
    """What is for sale: all of it, one category, or what has a word in its name."""

    template_name = "shop_demo/products.html"
    paginate_by = 24

    def get_queryset(self) -> QuerySet[Product]:
        products = Product.objects.filter(available=True).select_related("category")
        self.category = None
        if slug := self.request.GET.get("category", ""):
            self.category = get_object_or_404(Category, slug=slug)
            products = products.filter(category=self.category)
        self.words = self.request.GET.get("q", "").replace("\0", "").strip()[:100]
        for word in self.words.split()[:8]:
            products = products.filter(name__icontains=word)
        return products

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "categories": Category.objects.all(),
            "category": self.category,
            "words": self.words,
            "query": self.request.GET.copy(),
        }


@require_safe
def product(request: HttpRequest, sku: str) -> HttpResponse:
    found = get_object_or_404(
        Product.objects.select_related("category").prefetch_related("prices"), sku=sku, available=True
    )
    return render(request, "shop_demo/product.html", {"product": found, "stars": STARS, "here": [found]})


@require_POST
@login_required
def rate_product(request: HttpRequest, sku: str) -> HttpResponse:
    found = get_object_or_404(Product, sku=sku, available=True)
    try:
        rate(request, found, request.POST.get("stars", ""), text=request.POST.get("text", ""))
    except PersonalizationError:
        messages.error(request, _("Please choose one to five stars."))
    else:
        messages.success(request, _("Thank you. Your rating is saved and counts from the next rebuild on."))
    return redirect(found)


@require_safe
@cache_control(public=True, max_age=86400)
def picture(request: HttpRequest, sku: str) -> HttpResponse:
    found = get_object_or_404(Product, sku=sku)
    return HttpResponse(draw(found), content_type="image/svg+xml")


class Login(LoginView):
    """The usual login; the three people of the demo need one click."""

    template_name = "shop_demo/login.html"
    redirect_authenticated_user = True
    extra_context = {"personas": PERSONAS, "password": DEMO_PASSWORD}


def persona(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who of the demo's people is signed in."""
    name = request.user.get_username() if request.user.is_authenticated else ""
    return {"persona": next((one for one in PERSONAS if one.shopper.username == name), None)}
