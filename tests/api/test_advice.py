"""Items by requirements over HTTP: the shape of answers, and what is refused, by its place."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from personalization.store.sync import sync_items
from tests import goods as shelf
from tests.goods import Goods
from tests.served import NOW

URL = "/personalization/v1/advice/"


@pytest.fixture
def shop(mug: Goods) -> Client:
    for n in range(5):
        shelf.put(f"p{n}", name=f"Product {n}", price=f"{n}.00")
    sync_items(tenant="", now=NOW)
    return Client(HTTP_SEC_FETCH_SITE="same-origin")


def ask(client: Client, body: Any, **headers: Any) -> Any:
    return client.post(URL, json.dumps(body), content_type="application/json", headers=headers)


def test_an_answer_has_cards_and_what_they_meet(shop: Client) -> None:
    body = {
        "must": [{"field": "price", "at_least": 3}],
        "should": [{"field": "price", "at_most": 3, "weight": 2}],
    }
    response = ask(shop, body)
    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() == {"items", "total", "relaxed", "alternatives"}
    assert [item["item"] for item in answer["items"]] == ["p3", "p4", "mug"]
    first, second, _ = answer["items"]
    assert (first["title"], first["price"], first["score"]) == ("Product 3", "3.00", 1.0)
    assert second["violated"] == [{"field": "price", "at_most": 3, "text": "Price: at most 3"}]
    assert response["Cache-Control"] == "private, no-store"


def test_what_was_given_up_is_told(shop: Client) -> None:
    body = {"must": [{"field": "category", "is": "Goods"}, {"field": "price", "more_than": 99}], "count": 1}
    answer = ask(shop, body).json()
    assert [one["field"] for one in answer["relaxed"]] == ["price"]
    assert (len(answer["items"]), answer["total"]) == (1, 7)


def test_critiques(shop: Client) -> None:
    answer = ask(shop, {"like": "p3", "critiques": [{"field": "price", "change": "more"}]}).json()
    assert {item["item"] for item in answer["items"]} == {"p4", "mug"}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ([], "body", "not_object"),
        ({"must": [{"field": "price", "at_most": "3"}]}, "must.0.at_most", "not_number"),
        ({"colour": "red"}, "colour", "unknown"),
        ({"count": 0}, "count", "out_of_range"),
        ({"count": 101}, "count", "out_of_range"),
        ({"count": True}, "count", "out_of_range"),
        ({"like": "nothing"}, "like", "no_such_item"),
        ({"like": "p3", "critiques": [{"field": "brand", "change": "other"}]}, "critiques.0.field", "not_known"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_place(shop: Client, body: Any, field: str, code: str) -> None:
    response = ask(shop, body)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["message"]


@pytest.mark.usefixtures("languages")
def test_texts_are_in_the_language_of_the_request(shop: Client) -> None:
    chinese = {"accept-language": "zh-hans"}
    answer = ask(shop, {"must": [{"field": "price", "at_most": 3}]}, **chinese).json()
    assert answer["items"][0]["satisfied"][0]["text"] == "价格：不超过 3"
    with translation.override("zh-hans"):
        refused = ask(shop, {"like": "nothing"}, **chinese).json()
    assert refused["errors"][0]["message"] == "没有该商品。"


def test_no_other_site_may_ask(shop: Client) -> None:
    assert ask(Client(HTTP_SEC_FETCH_SITE="cross-site"), {}).status_code == 403


def test_no_address_asks_without_end(shop: Client, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "THROTTLES": {"advice": "2/hour"}}
    assert [ask(shop, {}).status_code for _ in range(3)] == [200, 200, 429]
