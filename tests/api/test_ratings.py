"""Rating through the API: own ratings only, strict JSON, problem documents."""

import json
from typing import Any

import pytest
from django.test import Client

from personalization.models import Event, Rating, Visitor
from tests.goods import Goods
from tests.people import make_person

URL = "/personalization/v1/ratings/"


def post(client: Client, body: Any, **headers: str) -> Any:
    return client.post(URL, json.dumps(body), content_type="application/json", headers=headers)


def errors(response: Any) -> list[tuple[str, str]]:
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == response.status_code
    assert all(error["message"] for error in problem["errors"])
    return [(error["field"], error["code"]) for error in problem["errors"]]


def test_a_rating_is_stored_read_and_taken_back(browser: Client, mug: Goods) -> None:
    stored = post(browser, {"item": "mug", "value": 4, "text": "<b>é</b>"})
    assert stored.status_code == 200
    rated_at = stored.json()["rated_at"]
    expected = {"item": "mug", "value": 4, "scale": {"low": 1, "high": 5}, "text": "<b>é</b>"}
    assert stored.json() == {**expected, "rated_at": rated_at}
    assert browser.get(f"{URL}mug/").json() == stored.json()
    gone = browser.delete(f"{URL}mug/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert browser.get(f"{URL}mug/").status_code == 404
    assert browser.delete(f"{URL}mug/").status_code == 404


def test_rating_again_changes_it(browser: Client, mug: Goods) -> None:
    for value in (1, 5):
        post(browser, {"item": "mug", "value": value})
    assert Rating.objects.get().value == 5


def test_personal_answers_are_kept_by_no_cache(browser: Client, mug: Goods) -> None:
    for response in (
        post(browser, {"item": "mug", "value": 4}),
        browser.get(f"{URL}mug/"),
        post(browser, []),
    ):
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]


def test_everybody_has_their_own(browser: Client, mug: Goods) -> None:
    post(browser, {"item": "mug", "value": 4})
    other = Client()
    other.force_login(make_person("bob"))
    assert other.get(f"{URL}mug/").status_code == 404
    assert other.delete(f"{URL}mug/").status_code == 404
    assert post(other, {"item": "mug", "value": 1, "user_id": 1, "visitor": 1}).status_code == 400
    assert Rating.objects.get().value == 4


@pytest.mark.parametrize(
    "path", [f"{URL}mug/", f"{URL}nothing/", f"{URL}%00/", f"{URL}{'x' * 300}/", f"{URL}a/b/"]
)
@pytest.mark.usefixtures("goods")
def test_there_is_nothing_before_the_first_rating(browser: Client, path: str) -> None:
    for response in (browser.get(path), browser.delete(path)):
        assert response.status_code == 404
        assert errors(response) == []


def test_strangers_have_no_ratings(client: Client, mug: Goods) -> None:
    for response in (
        post(client, {"item": "mug", "value": 4}),
        client.get(f"{URL}mug/"),
        client.delete(f"{URL}mug/"),
    ):
        assert response.status_code == 403
        assert errors(response) == []
    assert not Rating.objects.exists()


def test_writes_need_the_csrf_token(ann: Any, mug: Goods) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    assert post(strict, {"item": "mug", "value": 4}).status_code == 403
    assert strict.delete(f"{URL}mug/").status_code == 403
    assert not Rating.objects.exists()
    token = "x" * 32
    strict.cookies["csrftoken"] = token
    assert post(strict, {"item": "mug", "value": 4}, **{"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("item", "required"), ("value", "required")]),
        (
            {"item": 1, "value": "1", "text": None},
            [("item", "not_text"), ("value", "not_whole"), ("text", "not_text")],
        ),
        ({"item": "mug", "value": True}, [("value", "not_whole")]),
        ({"item": "mug", "value": 6}, [("value", "off_scale")]),
        ({"item": "mug", "value": 10**40}, [("value", "off_scale")]),
        ({"item": "gone", "value": 4}, [("item", "unknown")]),
        ({"item": "a\0b", "value": 4}, [("item", "unknown")]),
        ({"item": "\ud800", "value": 4}, [("item", "unknown")]),
        ({"item": "mug", "value": 4, "\0\ud800": 1}, [("\0\ud800", "unknown")]),
        ({"item": "mug", "value": 4, "text": "x" * 10_001}, [("text", "too_long")]),
        ([], [("body", "not_object")]),
        (None, [("body", "not_object")]),
        ("mug", [("body", "not_object")]),
    ],
)
def test_a_wrong_body_is_answered_field_by_field(
    browser: Client, mug: Goods, body: Any, expected: list[tuple[str, str]]
) -> None:
    response = post(browser, body)
    assert response.status_code == 400
    assert errors(response) == expected
    assert not any(model.objects.exists() for model in (Rating, Event, Visitor))


RAW = [
    (b"", 400),
    (b"{", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 50_000, 400),
    (b'{"item": "mug", "value": NaN}', 400),
    (b'{"item": "mug", "value": 1, "value": 5}', 400),
    (b'{"item": "mug", "value": ' + b"9" * 5000 + b"}", 400),
    (b'{"item": "mug", "value": 1e400}', 400),
    (b'\xef\xbb\xbf{"item": "mug", "value": 1}', 400),
    ('{"item": "mug", "value": 1}'.encode("utf-16"), 400),
    (b'{"item": "m\xff", "value": 1}', 400),
    (b'{"item": "mug", "value": 1}' + b" " * 300_000, 413),
    (b"x" * 3_000_000, 413),
]


@pytest.mark.parametrize(("body", "status"), RAW)
def test_what_is_no_json_is_a_problem_too(browser: Client, mug: Goods, body: bytes, status: int) -> None:
    response = browser.post(URL, body, content_type="application/json")
    assert response.status_code == status
    errors(response)
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "",
        "é",
    ],
)
def test_only_json_is_read(browser: Client, mug: Goods, content_type: str) -> None:
    response = browser.post(URL, b'{"item": "mug", "value": 1}', content_type=content_type)
    assert response.status_code in {400, 415}
    errors(response)


@pytest.mark.parametrize("charset", ["bogus", "utf-16", "latin-1"])
def test_json_is_utf_8_whatever_is_claimed(browser: Client, mug: Goods, charset: str) -> None:
    body = '{"item": "mug", "value": 4, "text": "é"}'.encode()
    response = browser.generic("POST", URL, body, f"application/json; charset={charset}")
    assert response.json()["text"] == "é"


@pytest.mark.parametrize(
    ("method", "allowed"), [("get", "POST"), ("put", "POST"), ("options", "POST"), ("patch", "POST")]
)
def test_other_methods_are_problems(browser: Client, method: str, allowed: str) -> None:
    response = getattr(browser, method)(URL)
    assert response.status_code == 405
    assert allowed in response["Allow"]
    errors(response)


def test_an_unexpected_error_is_not_hidden(
    browser: Client, mug: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalization.api.ratings.rate", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        post(browser, {"item": "mug", "value": 4})
