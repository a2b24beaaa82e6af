"""Which pages of the shop and its admin are worth a picture, and who looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from personalization.apps import PersonalizationConfig
from shop_demo.management.commands.seed_shop import ADMIN_NAME
from shop_demo.models import Product, Variant
from shop_demo.stores import EUROPE, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from django.contrib.admin import ModelAdmin


@dataclass(frozen=True, slots=True)
class Shot:
    """A page as somebody sees it. ``who``: a user name, '' for a stranger; ``cart``: pieces by article number; ``top``:
    the part of the page, a CSS selector, that stands at the upper edge of a window."""

    name: str
    path: str
    who: str = ""
    store: str = ""
    cart: tuple[tuple[str, int], ...] = ()
    top: str = ""


def shown_in_the_readme() -> list[Shot]:
    return [
        Shot("home-maya", "/", "maya"),
        Shot("home-tom", "/", "tom"),
        Shot("product", _tent().get_absolute_url(), "maya"),
        Shot("overview", _admin("app_list", app_label=PersonalizationConfig.name), ADMIN_NAME),
        Shot("promotion", _change("promotion"), ADMIN_NAME, top=".field-targets"),
        Shot("campaign", _change("campaign"), ADMIN_NAME),
    ]


def every_page() -> Iterator[Shot]:
    yield from _shop("stranger", "")
    yield from _shop("maya", "maya")
    yield Shot("home-china", "/", "yue", store="cn")
    yield from _own_pages()
    yield from _admin_pages()


def _shop(name: str, who: str) -> Iterator[Shot]:
    tent = _tent()
    pages = {
        "home": "/",
        "products": reverse("products"),
        "category": f"{reverse('products')}?category=tents",
        "search": f"{reverse('products')}?q=tent",
        "found-nothing": f"{reverse('products')}?q=piano",
        "product": tent.get_absolute_url(),
        "product-in-sizes": _worn().get_absolute_url(),
        "empty-cart": reverse("cart"),
    }
    for page, path in pages.items():
        yield Shot(f"{page}-{name}", path, who)
    yield Shot(f"cart-{name}", reverse("cart"), who, cart=((tent.sku, 1), (_tent(1).sku, 2)))


def _own_pages() -> Iterator[Shot]:
    for page in ("login", "sign_up", "personalization:privacy"):
        yield Shot(page.rpartition(":")[2], reverse(page))
    own = ("account", "orders", "recommendations", "coupons", "ratings", "details")
    for page in (*own, "personalization:privacy"):
        yield Shot(f"my-{page.rpartition(':')[2]}", reverse(page), "maya")


def _admin_pages() -> Iterator[Shot]:
    label = PersonalizationConfig.name
    yield Shot("admin-index", _admin("index"), ADMIN_NAME)
    yield Shot("admin-overview", _admin("app_list", app_label=label), ADMIN_NAME)
    for model, screens in admin.site._registry.items():
        name = model._meta.model_name
        if model._meta.app_label != label or name is None:
            continue
        yield Shot(f"admin-{name}-list", _admin(f"{label}_{name}_changelist"), ADMIN_NAME)
        yield from _screens_of(screens, name)


def _screens_of(screens: ModelAdmin[Any], name: str) -> Iterator[Shot]:
    """Its form, the page of one object, and the pages that hang on it."""
    label = PersonalizationConfig.name
    first = screens.model._base_manager.order_by("-pk").first()
    for address in screens.get_urls():
        page = (address.name or "").removeprefix(f"{label}_{name}_")
        if page in ("", "changelist", "autocomplete"):
            continue
        for arguments in ([], [first.pk] if first else []):
            try:
                yield Shot(f"admin-{name}-{page}", _admin(str(address.name), *arguments), ADMIN_NAME)
            except NoReverseMatch:
                continue
            break


def _tent(place: int = 0) -> Product:
    tents = Product.objects.filter(category__slug="tents", available=True, stock__gt=0)
    for store in STORES.values():
        tents = tents & Product.objects.sold_in(store)
    return tents.order_by("sku")[place]


def _worn() -> Product:
    """Something that is made in sizes."""
    sold = Product.objects.sold_in(EUROPE).filter(stock__gt=0)
    return sold.filter(variants__in=Variant.objects.exclude(size="")).distinct().order_by("sku")[0]


def _change(name: str) -> str:
    """The form of the oldest object."""
    label: Final = PersonalizationConfig.name
    model = next(model for model in admin.site._registry if model._meta.model_name == name)
    return _admin(
        f"{label}_{name}_change", model._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    )


def _admin(page: str, *arguments: object, **named: str) -> str:
    return reverse(f"admin:{page}", args=arguments or None, kwargs=named or None)
