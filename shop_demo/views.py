"""The shop's pages besides those of a product, the cart and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import LoginView
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shop_demo.cards import product_cards
from shop_demo.models import Category, Product
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS, Persona
from shop_demo.stores import choose_store, store_of

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
    from django.http import HttpRequest, HttpResponse


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    store = store_of(request)
    here = Product.objects.sold_in(store)
    newest = here.filter(stock__gt=0, launched_on__isnull=False).order_by("-launched_on", "pk")[:4]
    face = here.filter(category=OuterRef("pk"), stock__gt=0).order_by("pk").values("sku")[:1]
    tiles = Category.objects.annotate(face=Subquery(face)).filter(face__isnull=False)
    return render(
        request, "shop_demo/home.html", {"newest": product_cards(newest, store, stars=False), "tiles": tiles}
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask without having read a page."""
    return redirect(static("shop_demo/icon.svg"))


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
    return _back(request)


@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people, or be a stranger again, who shops in the same store."""
    store = store_of(request)
    persona = find_persona(request.POST.get("username", ""))
    if persona is None:
        logout(request)
        choose_store(request, store.code)
    elif user := authenticate(request, username=persona.shopper.username, password=DEMO_PASSWORD):
        login(request, user)
        choose_store(request, persona.shopper.store)
    else:
        messages.error(request, _("The demo has no such customer: run “manage.py demo” first."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the form stood on, when that is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "home")


def find_persona(username: str) -> Persona | None:
    return next((one for one in PERSONAS if one.shopper.username == username), None)


def personas(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the demo's people, and who of them is signed in."""
    name = request.user.get_username() if request.user.is_authenticated else ""
    return {"personas": PERSONAS, "password": DEMO_PASSWORD, "persona": find_persona(name)}


def departments(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the categories, read by the pages that name them."""
    return {"departments": Category.objects.all()}
