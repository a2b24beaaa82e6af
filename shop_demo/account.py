"""The pages of a customer's account besides the orders, and how one gets an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.contrib.auth.views import RedirectURLMixin
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import CreateView

from personalization.exceptions import PersonalizationError
from personalization.shortcuts import my_ratings, rate, take_rating_back, track
from shop_demo.models import OrderLine, Product
from shop_demo.orders import own_orders, told
from shop_demo.product import STARS
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from personalization.store.ratings import StoredRating

PAGE = 10
UNRATED = 3


@dataclass(frozen=True, slots=True)
class Rated:
    """What the customer said of a product; None for one that the shop does not know any more."""

    rating: StoredRating
    product: Product | None


class SignUpForm(forms.ModelForm):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ["username", "email"]
        labels = {"username": gettext_lazy("User name"), "email": gettext_lazy("E-mail")}
        help_texts = {"username": ""}
        field_classes = {"username": UsernameField}
        widgets = {"email": forms.EmailInput({"autocomplete": "email"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's
        self.instance.set_password(self.cleaned_data["password"])
        user: User = super().save(commit=commit)
        return user


class DetailsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]
        labels = {
            "first_name": gettext_lazy("First name"),
            "last_name": gettext_lazy("Last name"),
            "email": gettext_lazy("E-mail"),
        }
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
        }


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SignUp(RedirectURLMixin, CreateView):
    """A new account, and signed in: what was looked at before in this browser stays known."""

    form_class = SignUpForm
    template_name = "shop_demo/sign_up.html"
    next_page = "account"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        login(self.request, form.save())
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"next": self.get_redirect_url()}


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    last = own_orders(request).first()
    context = {} if last is None else told(last, now=timezone.now())
    return render(request, "shop_demo/account.html", context)


@require_safe
@login_required
def ratings(request: HttpRequest) -> HttpResponse:
    mine = my_ratings(request)
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    products = {one.sku: one for one in Product.objects.filter(sku__in=[one.item for one in page])}
    context = {
        "page_obj": page,
        "rated": [Rated(one, products.get(one.item)) for one in page],
        "unrated": _unrated(request, [one.item for one in mine]),
        "stars": STARS,
    }
    return render(request, "shop_demo/ratings.html", context)


@require_POST
@login_required
def change_rating(request: HttpRequest, sku: str) -> HttpResponse:
    found = get_object_or_404(Product, sku=sku)
    try:
        rate(request, found, request.POST.get("stars", ""), text=request.POST.get("text", ""))
    except PersonalizationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your rating is changed."))
    return redirect("ratings")


@require_POST
@login_required
def delete_rating(request: HttpRequest, sku: str) -> HttpResponse:
    if take_rating_back(request, sku):
        messages.success(request, _("Your rating is deleted."))
    return redirect("ratings")


@require_safe
@login_required
def recommendations(request: HttpRequest) -> HttpResponse:
    return render(request, "shop_demo/recommendations.html")


@require_POST
@login_required
def hide(request: HttpRequest, sku: str) -> HttpResponse:
    found = get_object_or_404(Product, sku=sku)
    if track(request, "hide", found):
        messages.success(request, _("%(name)s will not be suggested to you again.") % {"name": found.title})
    else:
        messages.error(request, _("You switched personalization off, so this was not recorded."))
    return redirect("recommendations")


@require_safe
@login_required
def coupons(request: HttpRequest) -> HttpResponse:
    return render(request, "shop_demo/coupons.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponse:
    form = DetailsForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your details are saved."))
        return redirect("details")
    return render(request, "shop_demo/details.html", {"form": form})


def _unrated(request: HttpRequest, rated: list[str]) -> QuerySet[Product]:
    """What the customer bought last, kept, and has not rated; only what is shown where the customer shops now."""
    kept = OrderLine.objects.filter(
        order__customer=request.user, order__cancelled_at=None, returns=None, product=OuterRef("pk")
    )
    bought = kept.order_by("-order__placed_at").values("order__placed_at")[:1]
    shown = Product.objects.sold_in(store_of(request)).exclude(sku__in=rated)
    return shown.annotate(bought=Subquery(bought)).exclude(bought=None).order_by("-bought", "name")[:UNRATED]
