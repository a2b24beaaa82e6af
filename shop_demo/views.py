"""The shop's pages besides those of a product, the cart and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import LoginView
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from shop_demo.models import Category, Product
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS, Persona
from shop_demo.stores import choose_store, store_of

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shop_demo/home.html")


class ProductList(ListView):
    """What is for sale: all of it, one category, or what has a word in its name."""

    template_name = "shop_demo/products.html"
    paginate_by = 24

    def get_queryset(self) -> QuerySet[Product]:
        products = Product.objects.sold_in(store_of(self.request)).select_related("category")
        self.category = None
        if slug := self.request.GET.get("category", ""):
            self.category = get_object_or_404(Category, slug=slug)
            products = products.filter(category=self.category)
        self.words = self.request.GET.get("q", "").replace("\0", "").strip()[:100]
        for word in self.words.split()[:8]:
            products = products.filter(Q(name__icontains=word) | Q(name_zh__icontains=word))
        return products

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "categories": Category.objects.all(),
            "category": self.category,
            "words": self.words,
            "query": self.request.GET.copy(),
        }


class Login(LoginView):
    """The usual login; the people of the demo need one click. They shop where they always do."""

    template_name = "shop_demo/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        if persona := find_persona(form.get_user().get_username()):
            choose_store(self.request, persona.shopper.store)
        return answer


@require_POST
def change_store(request: HttpRequest) -> HttpResponse:
    """Shop somewhere else; what lies in the cart and is not sold there stays aside."""
    choose_store(request, request.POST.get("store", ""))
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "home")


def find_persona(username: str) -> Persona | None:
    return next((one for one in PERSONAS if one.shopper.username == username), None)


def personas(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the demo's people, and who of them is signed in."""
    name = request.user.get_username() if request.user.is_authenticated else ""
    return {"personas": PERSONAS, "password": DEMO_PASSWORD, "persona": find_persona(name)}
