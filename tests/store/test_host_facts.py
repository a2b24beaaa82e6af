"""Facts that only the shop knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from personalization.store.host_facts import read_host_facts
from tests.goods import GoodsAdapter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import HttpRequest

asked: list[frozenset[str]] = []


class TellingAdapter(GoodsAdapter):
    """Knows points and countries, and tells more than it was asked for."""

    def facts(self, request: HttpRequest, names: Collection[str]) -> Mapping[str, object]:
        asked.append(frozenset(names))
        return {"visitor.points": 7, "visitor.country": "DE", "context.weather": "rain", "visitor.orders": ()}


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/")


@pytest.fixture
def telling(settings: Any) -> None:
    asked.clear()
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.TellingAdapter"}


def test_only_what_rules_read_and_we_do_not_know_is_asked_for(telling: None, request_: HttpRequest) -> None:
    names = {"visitor.points", "visitor.orders", "visitor.country", "context.store", "cart.subtotal"}
    assert read_host_facts(request_, names, personal=True) == {"visitor.points": 7, "visitor.country": "DE"}
    assert asked == [{"visitor.points", "visitor.country"}]
    assert read_host_facts(request_, {"visitor.orders"}, personal=True) == {}
    assert len(asked) == 1


def test_of_somebody_who_may_not_be_known_nothing_is_asked(telling: None, request_: HttpRequest) -> None:
    names = {"visitor.points", "context.weather"}
    assert read_host_facts(request_, names, personal=False) == {"context.weather": "rain"}
    assert asked == [{"context.weather"}]


def test_without_a_page_or_an_adapter_that_tells_nothing_is_known(
    telling: None, request_: HttpRequest, settings: Any
) -> None:
    assert read_host_facts(None, {"visitor.points"}, personal=True) == {}
    settings.PERSONALIZATION = {"ADAPTER": "tests.goods.GoodsAdapter"}
    assert read_host_facts(request_, {"visitor.points"}, personal=True) == {}
