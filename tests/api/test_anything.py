"""Whatever is sent, the answer is an answer or a problem document, never a failure of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.models import Rating
from tests.goods import Goods

RATINGS = "/personalization/v1/ratings/"
KEYS = st.one_of(
    st.just("mug"), st.text(max_size=300), st.text(st.characters(categories=["Cs", "Cc"]), max_size=5)
)
ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
BODIES = st.one_of(
    ANY_JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "item": st.one_of(KEYS, ANY_JSON),
            "value": ANY_JSON,
            "text": st.one_of(st.text(), ANY_JSON),
        },
    ),
)
many = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def is_answer(response: Any) -> bool:
    if response.status_code < 300:
        return True
    return 400 <= response.status_code < 500 and response["Content-Type"] == "application/problem+json"


@many
@given(body=BODIES)
def test_any_json_as_a_rating(browser: Client, mug: Goods, body: Any) -> None:
    assert is_answer(browser.post(RATINGS, json.dumps(body), content_type="application/json"))
    assert Rating.objects.count() <= 1


@many
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(["application/json", "text/plain", "multipart/form-data"]),
)
def test_any_bytes_as_a_rating(browser: Client, mug: Goods, body: bytes, content_type: str) -> None:
    assert is_answer(browser.generic("POST", RATINGS, body, content_type))


@many
@given(
    path=st.sampled_from(
        ["slots/for_you/", "slots/similar/", "slots/popular/", "slots/recently_viewed/", "items/mug/similar/"]
    ),
    params=st.dictionaries(
        st.sampled_from(["item", "count", "exclude", "format", "user"]), st.lists(KEYS, max_size=3)
    ),
)
def test_any_parameters(browser: Client, mug: Goods, path: str, params: dict[str, list[str]]) -> None:
    encodable = {name: [text.encode("utf-8", "replace") for text in texts] for name, texts in params.items()}
    assert is_answer(browser.get(f"/personalization/v1/{path}", encodable))


@many
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_any_key_in_an_address(browser: Client, mug: Goods, key: str) -> None:
    for path in (f"items/{quote(key, safe='')}/similar/", f"ratings/{quote(key, safe='')}/"):
        assert is_answer(browser.get(f"/personalization/v1/{path}"))


@pytest.mark.parametrize("name", ["slots/for_you/", "items/mug/similar/"])
def test_it_is_an_answer_that_is_tested(browser: Client, mug: Goods, name: str) -> None:
    assert browser.get(f"/personalization/v1/{name}").status_code == 200
