"""The two stores of the shop: where somebody shops decides what is sold, and in which currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise

_KEY: Final = "store"


@dataclass(frozen=True, slots=True)
class Store:
    code: str
    name: Promise | str
    currency: str  #: ISO 4217
    sign: str  #: what stands before an amount


EUROPE: Final = Store("eu", _("Europe"), "EUR", "€")
CHINA: Final = Store("cn", _("China"), "CNY", "¥")
STORES: Final = {store.code: store for store in (EUROPE, CHINA)}
SIGNS: Final = {store.currency: store.sign for store in STORES.values()}


def find_store(code: str) -> Store:
    """The store of a code; the first one for a page that is in none, such as a newsletter."""
    return STORES.get(code, EUROPE)


def store_of(request: HttpRequest) -> Store:
    """Where this visitor shops."""
    return find_store(request.session.get(_KEY, "")) if hasattr(request, "session") else EUROPE


def choose_store(request: HttpRequest, code: str) -> None:
    if code in STORES and code != store_of(request).code:
        request.session[_KEY] = code


def stores(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the store of this page, and those one may change to."""
    return {"store": store_of(request), "stores": list(STORES.values())}
