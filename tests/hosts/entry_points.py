"""Pages of a shop that order something, and meet personalization in the middle of it: one page per entry point.

They are added to the host's own addresses. A page opens an order, lets the entry point do its work, writes the order's
second line, and says thank you: ``?when=middle``. With ``end`` the order is whole before, and nothing of the host's
comes after; with ``undone`` the host has taken it all back before, and still answers.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.auth import get_user_model, login
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from personalization import shortcuts
from personalization.middleware import PersonalMiddleware
from tests.hosts.keepers import keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest

THANKS = "thank you"
#: An entry point where nothing is done: what personalization does with an order anyway.
NOTHING = "nothing"
#: Called when the work of an entry point begins, and when it ended.
watchers: list[Callable[[], None]] = []
#: A signal that tells of orders, as hosts have them.
order_told = Signal()


class Errand:
    """What one page needs: the order that is being made, and its products."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.keeper = request, keeper()
        self.first, self.second = (self._product(key) for key in request.GET.getlist("product"))
        customer = get_user_model().objects.get(pk=request.GET["customer"])
        self.customer = customer
        _ = request.user.is_authenticated  # async views must ask before the shop's own context processors do
        self.order = self.keeper.open_order(customer, self.first)

    def _product(self, key: str) -> Any:
        return apps.get_model(self.keeper.product_model)._base_manager.get(pk=key)

    def finish(self) -> None:
        self.keeper.add_line(self.order, self.second)

    def render(self, source: str) -> str:
        template = engines["django"].from_string("{% load personalization %}" + source)
        return template.render({"product": self.first, "order": self.order}, self.request)


def render(source: str) -> Callable[[Errand], object]:
    return lambda errand: errand.render(source)


def call_login(errand: Errand) -> None:
    login(errand.request, errand.customer, backend="django.contrib.auth.backends.ModelBackend")


def pass_middleware(errand: Errand) -> None:
    """A personal answer is on the page, and the middleware writes its headers inside the host's transaction."""
    PersonalMiddleware(lambda request: HttpResponse(errand.render(TAGS["slot"])))(errand.request)


TAGS = {
    "slot": '{% personal_slot "for_you" count=4 %}{% personal_slot "similar" item=product count=4 as rec %}',
    "lazy": '{% personal_slot "for_you" count=4 lazy=True %}',
    "view": "{% personal_view product %}",
    "script": "{% personal_script %}",
    "cart_offers": '{% cart_offers codes="NOPE" %}{% cart_offers as offers %}{{ offers|share_of:1 }}',
    "my_coupons": "{% my_coupons %}",
}

#: name → what it does between the first and the second line of an order.
ENTRY_POINTS: dict[str, Callable[[Errand], object]] = {
    NOTHING: lambda errand: None,
    **{f"tag_{name}": render(source) for name, source in TAGS.items()},
    "slot": lambda errand: shortcuts.slot(errand.request, "similar", item=errand.first, count=4),
    "cache_key": lambda errand: shortcuts.cache_key(errand.request),
    "track": lambda errand: shortcuts.track(errand.request, "cart_add", errand.first),
    "record_order": lambda errand: shortcuts.record_order(errand.order, request=errand.request),
    "cancel_order": lambda errand: shortcuts.cancel_order(errand.order),
    "order_signal": lambda errand: order_told.send(sender=type(errand.order), order=errand.order),
    "login": call_login,
    "middleware": pass_middleware,
}


@contextmanager
def watched() -> Iterator[None]:
    for look in watchers:
        look()
    yield
    for look in watchers:
        look()


def page(work: Callable[[Errand], object]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        errand = Errand(request)
        when = request.GET["when"]
        if when == "middle":
            with watched():
                work(errand)
        if when == "undone":
            transaction.set_rollback(True)
        else:
            errand.finish()
        if when != "middle":
            work(errand)
        return HttpResponse(THANKS)

    return view


@transaction.non_atomic_requests
async def asynchronous(request: HttpRequest) -> HttpResponse:
    errand = await sync_to_async(Errand)(request)
    with watched():
        await shortcuts.aslot(request, "similar", item=errand.first, count=4)
        errand.render('{% personal_slot "similar" item=product count=4 %}{% personal_slot "for_you" %}')
    await sync_to_async(errand.finish)()
    return HttpResponse(THANKS)


urlpatterns = [
    *(path(f"errand/{name}/", page(work)) for name, work in ENTRY_POINTS.items()),
    path("errand/aslot/", asynchronous),
    path("", include(keeper().urls)),
]
