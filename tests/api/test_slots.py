"""Answers for the current visitor: their shape, their limits, and the same problem documents."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client, override_settings
from django.utils import translation

from personalization.capture.rate import rate
from personalization.engine.types import Identity, IdentityKind, ReasonCode
from tests import goods as shelf
from tests.goods import Goods

SLOTS = "/personalization/v1/slots/"
ITEMS = "/personalization/v1/items/"


@pytest.fixture
def shop(mug: Goods) -> Goods:
    """Thirty products, the mug the oldest of them."""
    for n in range(30):
        shelf.put(f"p{n} é", name=f"Product {n}", price=f"{n}.00")
    return mug


def keys(response: Any) -> list[str]:
    assert response.status_code == 200
    return [item["item"] for item in response.json()["items"]]


def test_an_answer_has_items_with_cards_and_reasons(client: Client, shop: Goods) -> None:
    response = client.get(f"{SLOTS}for_you/")
    answer = response.json()
    assert answer.keys() == {"recommendation_id", "token", "slot", "mode", "items"}
    assert (answer["slot"], answer["mode"], len(answer["items"])) == ("for_you", "non-personalized", 10)
    first = answer["items"][0]
    assert first.keys() == {
        *("item", "title", "url", "image", "price", "currency", "category", "score", "reason"),
    }
    assert (first["title"], first["price"], first["currency"]) == ("Product 29", "29.00", "EUR")
    assert first["reason"].keys() == {"code", "text", "evidence"}
    assert first["reason"]["code"] in set(ReasonCode)
    assert response["Content-Type"] == "application/json"


def test_answers_are_kept_by_no_cache(client: Client, shop: Goods) -> None:
    for path in (f"{SLOTS}for_you/", f"{ITEMS}mug/similar/", f"{SLOTS}nothing/"):
        response = client.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]


def test_count_and_exclude_are_kept_to(client: Client, shop: Goods) -> None:
    first = keys(client.get(f"{SLOTS}for_you/", {"count": 3}))
    assert len(first) == 3
    others = keys(client.get(f"{SLOTS}for_you/", {"count": 100, "exclude": first}))
    assert not set(first) & set(others)
    assert len(others) == 28


def test_similar_items_leave_the_item_out(client: Client, shop: Goods) -> None:
    response = client.get(f"{ITEMS}p29%20é/similar/")
    assert response.json()["slot"] == "similar"
    assert "p29 é" not in keys(response)
    assert keys(client.get(f"{SLOTS}similar/", {"item": "p29 é"})) == keys(response)


@pytest.mark.parametrize("key", ["a/b", "a/similar/", "..", "?", "#", "%2F", " "])
def test_keys_may_be_any_text(client: Client, shop: Goods, key: str) -> None:
    shelf.put(key, name="Odd")
    newest = client.get(f"{SLOTS}for_you/").json()["items"][0]
    assert newest["item"] == key
    assert key not in keys(client.get(f"{ITEMS}{quote(key, safe='')}/similar/"))


def test_nothing_hidden_is_shown(client: Client, shop: Goods) -> None:
    assert "gone" not in keys(client.get(f"{SLOTS}for_you/", {"count": 100}))


def test_the_answer_is_about_the_session_and_nobody_else(browser: Client, ann: Any, shop: Goods) -> None:
    rate(Identity(IdentityKind.USER, str(ann.pk)), "mug", 5, now=time.time_ns() // 1000)
    mine = keys(browser.get(f"{SLOTS}for_you/"))
    assert keys(browser.get(f"{SLOTS}for_you/", {"user": "7", "visitor": "7", "email": "a@b"})) == mine


@pytest.mark.usefixtures("languages")
def test_texts_are_in_the_language_of_the_request(client: Client, shop: Goods) -> None:
    def text(language: str) -> str:
        response = client.get(f"{SLOTS}for_you/", headers={"Accept-Language": language})
        return response.json()["items"][0]["reason"]["text"]

    with translation.override(None):
        assert text("en") == "New in the shop"
        assert text("zh-hans") != "New in the shop"


@pytest.mark.parametrize(
    "path", [f"{SLOTS}nothing/", f"{SLOTS}%00/", f"{ITEMS}%00/similar/", f"{ITEMS}{'x' * 256}/similar/"]
)
def test_what_does_not_exist_is_not_found(client: Client, shop: Goods, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


COUNTS = ["0", "-1", "101", "1e3", "1.0", "", " 5", "९", "0x10", "9" * 5000, "NaN", "10;", "a\0", "³"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        *(({"count": count}, "count") for count in COUNTS),
        ({"exclude": ""}, "exclude"),
        ({"exclude": ["x" * 256]}, "exclude"),
        ({"exclude": ["a\0b"]}, "exclude"),
        ({"exclude": [str(n) for n in range(101)]}, "exclude"),
        ({"item": "a\0b"}, "item"),
    ],
)
def test_bad_parameters_are_named(client: Client, shop: Goods, params: dict[str, Any], field: str) -> None:
    response = client.get(f"{SLOTS}for_you/", params)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_slot_about_an_item_needs_one(client: Client, shop: Goods) -> None:
    problem = client.get(f"{SLOTS}similar/").json()
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [("item", "required")]


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=3)
def test_too_many_parameters_are_a_problem(client: Client, shop: Goods) -> None:
    response = client.get(f"{SLOTS}for_you/?a=1&b=1&c=1&d=1")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("query", ["?%ff=%ff&count=5", "?count=5&%00=1", "?count=5&item=%ed%a0%80"])
def test_broken_bytes_do_no_harm(client: Client, shop: Goods, query: str) -> None:
    assert len(keys(client.get(f"{SLOTS}for_you/{query}"))) == 5


@pytest.mark.parametrize(
    ("method", "status"), [("head", 200), ("post", 405), ("delete", 405), ("options", 405)]
)
def test_slots_are_read_only(client: Client, shop: Goods, method: str, status: int) -> None:
    assert getattr(client, method)(f"{SLOTS}for_you/").status_code == status


def test_html_is_refused(client: Client, shop: Goods) -> None:
    assert client.get(f"{SLOTS}for_you/", headers={"Accept": "text/html"}).status_code == 406


def test_the_queries_of_an_answer_are_few(
    client: Client, shop: Goods, django_assert_max_num_queries: Any
) -> None:
    client.get(f"{SLOTS}for_you/")
    with django_assert_max_num_queries(4):  # ours, the keys of the newest, their cards
        client.get(f"{SLOTS}for_you/")
