"""The page of a product. What it knows of personalization: `rate`, `ratings_of`, `my_ratings`, and the tags in the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from personalization.exceptions import PersonalizationError
from personalization.shortcuts import my_ratings, rate, ratings_of
from shop_demo.drawings import draw
from shop_demo.models import OrderLine, Product
from shop_demo.prices import history
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest

    from personalization.shortcuts import GivenRating, ItemRatings

STARS: Final = range(1, 6)
REVIEWS: Final = 5  #: on a page
FEW: Final = 5  #: pieces that are worth a word


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer wrote, as the page shows it. ``bought``: whether they have ordered the product here."""

    author: str
    bought: bool
    stars: int
    text: str
    moment: datetime

    @property
    def language(self) -> str:
        return "zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in self.text) else "en"


@require_safe
def product(request: HttpRequest, sku: str) -> HttpResponse:
    store = store_of(request)
    sold = Product.objects.sold_in(store).select_related("category").prefetch_related("prices", "variants")
    found = get_object_or_404(sold, sku=sku)
    given, page = _ratings(found, request.GET.get("reviews", ""))
    context = {
        "product": found,
        "here": [found],
        "few": FEW,
        "history": history(found.prices.all(), store, today=timezone.localdate()),
        "ratings": given,
        "bars": _bars(given),
        "reviews": _reviews(given.newest, found),
        "page_obj": page,
        "stars": STARS,
        "own": next(iter(my_ratings(request, found)), None),
    }
    return render(request, "shop_demo/product.html", context | _variants(request, found))


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
    """In the color that is asked for, else in the first one that it is made in."""
    found = get_object_or_404(Product.objects.prefetch_related("variants"), sku=sku)
    colors = [variant.color for variant in found.variants.all() if variant.color]
    asked = request.GET.get("color", "")
    color = asked if asked in colors else next(iter(colors), "")
    return HttpResponse(draw(found, color), content_type="image/svg+xml")


def _variants(request: HttpRequest, found: Product) -> dict[str, Any]:
    """The colors, one of which is looked at, and the sizes that there are in it."""
    variants = list(found.variants.all())
    for variant in variants:
        variant.product = found  # its picture asks for it
    colors = {variant.color: variant for variant in reversed(variants) if variant.color}
    first = next((one.color for one in variants if one.stock), variants[0].color if variants else "")
    asked = request.GET.get("color", "")
    color = asked if asked in colors else first
    return {
        "colors": list(reversed(colors.values())),
        "color": color,
        "variants": [variant for variant in variants if variant.color == color],
        "picture_url": colors[color].picture_url if color in colors else found.picture_url,
    }


def _ratings(found: Product, asked: str) -> tuple[ItemRatings, Page]:
    """What was said, with the texts of the page that is asked for, of the last one where there are not so many."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 1
    given = ratings_of(found, count=REVIEWS, start=REVIEWS * (number - 1))
    page = Paginator(range(given.texts), REVIEWS).get_page(number)
    if page.number != number:
        given = ratings_of(found, count=REVIEWS, start=REVIEWS * (page.number - 1))
    return given, page


def _bars(given: ItemRatings) -> list[dict[str, Any]]:
    """How many stars how often and in which part of the ratings, the best first."""
    counts = dict(given.counts)
    return [
        {
            "stars": star,
            "count": counts.get(star, 0),
            "percent": 100 * counts.get(star, 0) // max(given.count, 1),
        }
        for star in reversed(STARS)
    ]


def _reviews(written: Sequence[GivenRating], found: Product) -> list[Review]:
    """With the first names of those who have an account, in two statements however many."""
    keys = [int(one.user) for one in written if one.user.isdecimal()]
    if not written:
        return []
    people = {str(user.pk): user for user in User.objects.filter(pk__in=keys)}
    bought = OrderLine.objects.filter(
        product=found, order__customer__in=keys, order__cancelled_at=None
    ).values_list("order__customer", flat=True)
    buyers = {str(pk) for pk in bought}
    return [
        Review(_name(people.get(one.user)), one.user in buyers, int(one.value), one.text, one.moment)
        for one in written
    ]


def _name(user: User | None) -> str:
    """A first name and an initial; nobody's full name is shown."""
    if user is None or not user.first_name:
        return _("A customer")
    return f"{user.first_name} {user.last_name[:1]}.".replace(" .", "")
