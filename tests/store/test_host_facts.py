"""Facts that only the shop knows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from personalization.engine.rules import default_vocabulary, read_rule
from personalization.engine.types import IdentityKind
from personalization.store.audience import find_audience, visitor_columns
from personalization.store.host_facts import read_host_facts
from personalization.store.segments import SCOPES
from personalization.store.visitors import ensure_visitors
from tests.goods import GoodsAdapter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

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


NOW = 1_700_000_000_000_000
#: User key → what the shop knows of the user.
KNOWN: dict[str, dict[str, object]] = {
    "ann": {
        "visitor.country": "DE",
        "visitor.points": 7,
        "visitor.trade": True,
        "visitor.clubs": {"tea", "wine"},
    },
    "bob": {"visitor.country": "FR", "visitor.points": Decimal("2.5"), "visitor.trade": False},
    "cat": {"visitor.country": 49, "visitor.points": "many", "visitor.orders": (), "visitor.clubs": set()},
}


class WholeAdapter(GoodsAdapter):
    """Knows its users without a request, and tells more than it was asked for."""

    def facts_of(
        self, keys: Iterable[str], names: Collection[str], tenant: str = ""
    ) -> Mapping[str, Mapping[str, object]]:
        asked.append(frozenset(names))
        return {key: KNOWN[key] for key in keys if key in KNOWN}


@pytest.fixture
def people(db: None, settings: Any) -> dict[str, int]:
    """Three that the shop knows, one that it does not, and a browser."""
    asked.clear()
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.WholeAdapter"}
    ensure_visitors(IdentityKind.VISITOR, ["ann"], tenant="", now=NOW)
    return ensure_visitors(IdentityKind.USER, ["ann", "bob", "cat", "dan"], tenant="", now=NOW)


def matching(rule: str) -> tuple[int, int]:
    read = read_rule(rule, default_vocabulary(), scopes=SCOPES)
    found = find_audience(read, tenant="", now=NOW, segments={})
    return found.matching, found.unknown


def test_who_matches_knows_what_the_shop_says_of_its_users(people: dict[str, int]) -> None:
    german = '{"kind": "visitor.country", "op": "any_of", "values": ["DE"]}'
    assert matching(german) == (1, 3)  # of 49, of dan and of the browser it cannot be said
    assert asked == [{"visitor.country"}]


def test_each_type_has_its_column(people: dict[str, int]) -> None:
    names = [
        "visitor.points",
        "visitor.trade",
        "visitor.clubs",
        "visitor.orders",
        "context.store",
        "visitor.none",
    ]
    found = visitor_columns(dict.fromkeys(names), tenant="", now=NOW)
    rows = [found.people.tolist().index(people[key]) for key in ("ann", "bob", "cat", "dan")]
    points, trade, clubs = (found.columns.columns[name] for name in names[:3])
    assert points.values[rows].tolist() == [7, 2.5, 0, 0]
    assert points.known[rows].tolist() == [True, True, False, False]
    assert trade.known[rows].tolist() == [True, True, False, False]
    assert clubs.known[rows].tolist() == [True, False, True, False]
    assert [clubs.vocabulary[code] for code in clubs.codes] == ["tea", "wine"]
    assert found.columns.columns.keys() == set(names[:4])
    assert asked == [{"visitor.points", "visitor.trade", "visitor.clubs", "visitor.none"}]


def test_of_facts_of_ours_nothing_is_asked(people: dict[str, int]) -> None:
    visitor_columns({"visitor.orders": None}, tenant="", now=NOW)
    assert asked == []
