"""Lists of products: all of them, a category, or what was searched for; narrowed and sorted by a plain form."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView

from shop_demo.cards import product_cards
from shop_demo.models import PRICE_FIELDS, Category, OrderLine, Product
from shop_demo.seed.assortment import ACTIVITIES
from shop_demo.stores import store_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

SORTS: Final = {
    "popular": _("Popular"),
    "newest": _("Newest"),
    "cheapest": _("Price, low to high"),
    "dearest": _("Price, high to low"),
    "name": _("Name"),
}
SEASONS: Final = ("spring", "summer", "autumn", "winter")
MOST_WORDS: Final = 8
POPULAR_FOR: Final = timedelta(days=90)


def search(products: QuerySet[Product], words: list[str]) -> QuerySet[Product]:
    """What has every word somewhere, with a ``rank``: 0 where the name has them all."""
    in_name, anywhere = Q(), Q()
    names = [(one.pk, gettext(one.name).lower()) for one in Category.objects.all()]
    for word in words:
        named = Q(name__icontains=word) | Q(name_zh__icontains=word)
        categories = [key for key, name in names if word.lower() in name]
        filed = Q(brand__icontains=word) | Q(category__name__icontains=word) | Q(category__in=categories)
        told = Q(description__icontains=word) | Q(description_zh__icontains=word) | Q(tags__icontains=word)
        in_name &= named
        anywhere &= named | filed | told
    rank = Case(When(in_name, then=Value(0)), default=Value(1), output_field=IntegerField())
    return products.filter(anywhere).annotate(rank=rank)


def by_popularity(products: QuerySet[Product]) -> QuerySet[Product]:
    """The products that stand in most orders of the last weeks first."""
    lines = OrderLine.objects.filter(
        order__placed_at__gt=timezone.now() - POPULAR_FOR, order__cancelled_at=None, product=OuterRef("pk")
    )
    sold = lines.order_by().values("product").annotate(n=Count("pk")).values("n")
    return products.annotate(sold=Coalesce(Subquery(sold), 0))


def amount(text: str) -> Decimal | None:
    """A price that somebody typed, None for anything else."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 10**6 else None


class ProductList(ListView):
    """A page of products, with the form that narrows them."""

    template_name = "shop_demo/products.html"
    paginate_by = 24

    def get_queryset(self) -> QuerySet[Product]:
        self.store = store_of(self.request)
        products = Product.objects.sold_in(self.store)
        self.category = None
        if slug := self._asked("category"):
            self.category = get_object_or_404(Category, slug=slug)
            products = products.filter(category=self.category)
        self.words = self._asked("q").replace("\0", "").strip()[:100]
        if words := self.words.split()[:MOST_WORDS]:
            products = search(products, words)
        brands = products.exclude(brand="").order_by("brand").values_list("brand", flat=True)
        self.brands = list(brands.distinct())
        return self._sorted(products.filter(self._wanted()))

    def _asked(self, name: str) -> str:
        return str(self.request.GET.get(name, ""))

    def _wanted(self) -> Q:
        """What the form asks for; what makes no sense in it is left aside."""
        field, wanted = PRICE_FIELDS[self.store.code], Q()
        if (brand := self._asked("brand")) in self.brands:
            wanted &= Q(brand=brand)
        if (least := amount(self._asked("from"))) is not None:
            wanted &= Q(**{f"{field}__gte": least})
        if (most := amount(self._asked("to"))) is not None:
            wanted &= Q(**{f"{field}__lte": most})
        if self._asked("stock"):
            wanted &= Q(stock__gt=0)
        if (use := self._asked("use")) in ACTIVITIES:
            wanted &= Q(tags__icontains=f'"{use}"')
        if (season := self._asked("season")) in SEASONS:
            wanted &= Q(attributes__season=season)
        return wanted

    def _sorted(self, products: QuerySet[Product]) -> QuerySet[Product]:
        asked, price = self._asked("sort"), PRICE_FIELDS[self.store.code]
        self.sort = asked if asked in SORTS else ""
        if self.sort in ("", "popular"):
            ranked = ["rank"] if self.words.split() and not self.sort else []
            return by_popularity(products).order_by(*ranked, "-sold", "name", "pk")
        order = {
            "newest": F("launched_on").desc(nulls_last=True),
            "cheapest": F(price).asc(),
            "dearest": F(price).desc(),
            "name": F("name").asc(),
        }[self.sort]
        return products.order_by(order, "name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = context["paginator"].count
        popular = by_popularity(Product.objects.sold_in(self.store).filter(stock__gt=0)).order_by(
            "-sold", "pk"
        )
        instead = [] if found else product_cards(popular[:4], self.store)
        return context | {
            "instead": instead,
            "cards": product_cards(context["object_list"], self.store),
            "category": self.category,
            "words": self.words,
            "query": self.request.GET.copy(),
            "asked": {name: self._asked(name) for name in ("brand", "from", "to", "stock", "use", "season")},
            "sort": self.sort,
            "sorts": SORTS.items(),
            "brands": self.brands,
            "uses": ACTIVITIES,
            "seasons": SEASONS,
        }
