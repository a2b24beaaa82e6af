"""What is popular in a segment, for somebody of whom only the shop knows anything."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from personalization.engine.rules import default_vocabulary
from personalization.engine.types import Identity, IdentityKind, Mode
from personalization.learning.rebuild import rebuild
from personalization.models import Build
from personalization.store.catalog import CatalogAdapter
from personalization.store.segments import SegmentContent, save_segment
from tests.served import NOW, Shop, keys, reasons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.http import HttpRequest

pytestmark = pytest.mark.django_db

NEWCOMER = Identity(IdentityKind.VISITOR, "newcomer")
POPULARITY = "personalization.engine.recommenders.popularity.Popularity"


class Countries(CatalogAdapter):
    """A shop that finds the country of a request by its address, and keeps that of its customers: ``FR-1``."""

    def facts(self, request: HttpRequest, names: Collection[str]) -> Mapping[str, object]:
        if "broken" in request.GET:
            raise RuntimeError("no country today")
        return {"visitor.country": request.GET.get("country")}

    def facts_of(
        self, keys: Iterable[str], names: Collection[str], tenant: str = ""
    ) -> Mapping[str, Mapping[str, object]]:
        return {key: {"visitor.country": key[:2]} for key in keys}


@pytest.fixture
def shop(settings: Any) -> Shop:
    """Everybody buys e, f and g; the French buy a and b, too, and the Germans c and d."""
    settings.PERSONALIZATION = {
        "ADAPTER": f"{__name__}.Countries",
        "RECOMMENDERS": {
            "popular-in-france": {"BACKEND": POPULARITY, "SEGMENT": "france"},
            "popular-in-europe": {"BACKEND": POPULARITY, "SEGMENT": "europe"},
        },
    }
    segment("france", '{"kind": "visitor.country", "op": "any_of", "values": ["FR"]}')
    segment("europe", '{"kind": "visitor.country", "op": "any_of", "values": ["DE", "FR"]}')
    return Shop()


def segment(name: str, rule: str) -> None:
    content = SegmentContent(name, name.title(), rule)
    save_segment(content, vocabulary=default_vocabulary(), expected_version=0, author="", now=NOW)


def sell(shop: Shop, people: int = 20) -> None:
    for number in range(people):
        shop.buys("ab" if number % 2 else "a", identity=Identity(IdentityKind.USER, f"FR-{number}"))
        shop.buys("cd" if number % 2 else "d", identity=Identity(IdentityKind.USER, f"DE-{number}"))
        shop.buys("efg", identity=Identity(IdentityKind.USER, f"US-{number}"))
    rebuild(aliases=["popular-in-france", "popular-in-europe", "popularity-recent"], clock=lambda: NOW)


def request_from(country: str = "", **more: str) -> HttpRequest:
    return RequestFactory().get("/", {"country": country, **more})


def test_a_newcomer_gets_what_is_popular_among_people_like_that(shop: Shop) -> None:
    sell(shop)
    answer = shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))
    assert keys(answer) == "ab"
    assert set(reasons(answer).values()) == {("popular_segment", "")}
    assert (answer.items[0].text, answer.mode) == ("Popular with customers like you", Mode.PERSONALIZED)


def test_the_segment_that_is_declared_first_comes_first(shop: Shop) -> None:
    sell(shop)
    assert keys(shop.ask(count=2, identity=NEWCOMER, request=request_from("DE"))) == "da"


def test_where_the_segment_has_too_little_the_ladder_goes_on(shop: Shop) -> None:
    sell(shop)
    answer = shop.ask(count=4, identity=NEWCOMER, request=request_from("FR"))
    assert keys(answer)[:2] == "ab"
    assert [reasons(answer)[key][0] for key in keys(answer)[2:]] == ["popular_recent"] * 2
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("identity", [NEWCOMER, None])
def test_who_is_in_none_or_unknown_gets_what_everybody_gets(shop: Shop, identity: Identity | None) -> None:
    sell(shop)
    country = "US" if identity else "FR"
    answer = shop.ask(count=2, identity=identity, request=request_from(country))
    assert {code for code, _ in reasons(answer).values()} == {"popular_recent"}
    assert answer.mode == Mode.NON_PERSONALIZED


def test_in_the_holdout_nothing_of_anybody_is_used(shop: Shop, settings: Any) -> None:
    sell(shop)
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "HOLDOUT_SHARE": 1.0}
    answer = shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))
    assert {code for code, _ in reasons(answer).values()} == {"popular_recent"}


def test_a_history_says_more_than_a_segment(shop: Shop) -> None:
    sell(shop)
    shop.publish("auto", weights={"h": {"g": 0.9}})
    shop.buys("h", identity=NEWCOMER)
    answer = shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))
    assert reasons(answer) == {"g": ("because_bought", "h"), "a": ("popular_segment", "")}


def test_a_slot_of_best_sellers_is_the_same_for_everybody(shop: Shop) -> None:
    sell(shop)
    answer = shop.ask("popular", count=2, identity=NEWCOMER, request=request_from("FR"))
    assert {code for code, _ in reasons(answer).values()} == {"popular_recent"}


def test_what_our_own_tables_say_of_somebody_counts(shop: Shop, settings: Any) -> None:
    segment("fresh", '{"kind": "visitor.orders", "op": "less_than", "value": 1}')
    declared = {"popular-with-fresh": {"BACKEND": POPULARITY, "SEGMENT": "fresh"}}
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RECOMMENDERS": declared}
    shop.publish("popular-with-fresh", ranking="cb")
    shop.visitor(NEWCOMER)
    assert keys(shop.ask(count=1, identity=NEWCOMER, request=request_from())) == "c"
    stranger = Identity(IdentityKind.VISITOR, "stranger")  # of whom nothing is known: the newest
    assert keys(shop.ask(count=1, identity=stranger, request=request_from())) == "h"


@pytest.mark.usefixtures("savepoints_are_free")
def test_it_costs_no_statement_of_ours_where_the_shop_knows(
    shop: Shop, django_assert_num_queries: Any
) -> None:
    sell(shop)
    shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))
    with django_assert_num_queries(1):
        assert keys(shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))) == "ab"


def test_what_few_people_did_is_not_shown(shop: Shop) -> None:
    sell(shop, people=19)
    answer = shop.ask(count=2, identity=NEWCOMER, request=request_from("FR"))
    assert {code for code, _ in reasons(answer).values()} == {
        "popular_segment"
    }  # those of both countries are enough
    assert Build.objects.get(alias="popular-in-france").interactions == 0


def test_a_segment_that_is_not_there_has_nobody(
    shop: Shop, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    declared = {"popular-in-spain": {"BACKEND": POPULARITY, "SEGMENT": "spain"}}
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RECOMMENDERS": declared}
    shop.buys("a")
    with caplog.at_level(logging.WARNING, "personalization"):
        rebuild(aliases=["popular-in-spain", "popularity"], clock=lambda: NOW)
    assert "no active segment 'spain'" in caplog.text
    assert keys(shop.ask(count=1, identity=NEWCOMER, request=request_from("ES"))) == "a"


def test_a_shop_that_cannot_tell_costs_nobody_the_page(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    sell(shop)
    answer = shop.ask(count=2, identity=NEWCOMER, request=request_from("FR", broken="1"))
    assert {code for code, _ in reasons(answer).values()} == {"popular_recent"}
    assert "reading the shop's facts for segments failed" in caplog.text
