"""The two stores. Which one a customer stands in is told by the name of the host: ``paris.boutique.example``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Store:
    code: str
    name: str
    currency: str


STORES = {
    store.code: store for store in (Store("shanghai", "上海店", "CNY"), Store("paris", "巴黎店", "EUR"))
}
FIRST = STORES["shanghai"]


class StoreMiddleware:
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.store = STORES.get(request.get_host().partition(".")[0], FIRST)
        return self.get_response(request)


def store(request: HttpRequest) -> dict[str, Store]:
    """Context processor."""
    return {"store": getattr(request, "store", FIRST)}
