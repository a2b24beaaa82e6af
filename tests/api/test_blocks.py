"""Lazy slots: what their tags would have rendered, for whoever asks."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from personalization.capture.rate import rate
from personalization.engine.types import Identity, IdentityKind
from personalization.shortcuts.block import Block, sign_block
from tests import goods as shelf
from tests.goods import Goods

URL = "/personalization/v1/blocks/"


@pytest.fixture
def shop(mug: Goods) -> Goods:
    """Thirty products, the mug the oldest of them."""
    for n in range(30):
        shelf.put(f"p{n}", price=f"{n}.00")
    return mug


def blocks(client: Client, *asked: Block | str, **options: Any) -> list[str]:
    texts = [text if isinstance(text, str) else sign_block(text) for text in asked]
    response = client.get(URL, {"b": texts}, **options)
    assert response.status_code == 200, response.content
    return response.json()["blocks"]


def keys(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('data-item="')[1:]]


def without_token(html: str) -> str:
    before, _, rest = html.partition('data-token="')
    return before + rest.partition('"')[2]


def test_a_block_is_what_the_tag_renders(client: Client, shop: Goods) -> None:
    tag = '{% personal_slot "home.popular" count=3 exclude=here title=title %}'
    inline = Template("{% load personalization %}" + tag).render(
        Context({"request": RequestFactory().get("/"), "here": ["p29"], "title": "<New>"})
    )
    (lazy,) = blocks(client, Block("home.popular", count=3, exclude=("p29",), title="&lt;New&gt;"))
    assert without_token(lazy) == without_token(inline)
    assert keys(lazy) == ["p28", "p27", "p26"]
    assert ">&lt;New&gt;</h2>" in lazy


def test_blocks_of_one_request_repeat_nothing_and_come_in_order(client: Client, shop: Goods) -> None:
    first, second = blocks(client, Block("popular", count=4), Block("for_you", count=4))
    assert keys(first) == ["p29", "p28", "p27", "p26"]
    assert keys(second) == ["p25", "p24", "p23", "p22"]


def test_an_empty_block_is_an_empty_text(client: Client, shop: Goods) -> None:
    assert [html.strip() for html in blocks(client, Block("recently_viewed"))] == [""]


def test_everybody_gets_their_own(browser: Client, client: Client, ann: Any, shop: Goods) -> None:
    rate(Identity(IdentityKind.USER, str(ann.pk)), "p29", 1, now=time.time_ns() // 1000)
    (mine,), (others,) = (blocks(one, Block("popular", count=1)) for one in (browser, client))
    assert (keys(mine), keys(others)) == (["p28"], ["p29"])


def test_nobody_keeps_a_block(client: Client, shop: Goods) -> None:
    for query in ({"b": sign_block(Block("popular"))}, {"b": "x"}):
        response = client.get(URL, query)
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]
        assert not response.cookies


def test_the_language_is_that_of_the_page(client: Client, shop: Goods) -> None:
    with translation.override("en"):
        (html,) = blocks(client, Block("popular", language="zh-hans"), headers={"Accept-Language": "en"})
    assert "New in the shop" not in html
    (html,) = blocks(client, Block("popular", language="en"), headers={"Accept-Language": "zh-hans"})
    assert "New in the shop" in html


def test_one_block_that_fails_does_not_take_the_others_along(
    client: Client, shop: Goods, settings: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "personalization").mkdir()
    (tmp_path / "personalization" / "slot_popular.html").write_text("{% nonsense %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    bad, unknown, good = blocks(client, Block("popular"), Block("nonsense"), Block("for_you", count=2))
    assert (bad, unknown.strip()) == ("", "")
    assert len(keys(good)) == 2
    assert caplog.records


def test_blocks_of_an_older_key_are_still_filled(client: Client, shop: Goods, settings: Any) -> None:
    signed = sign_block(Block("popular", count=1))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one"
    assert keys(blocks(client, signed)[0]) == ["p29"]


def forged() -> list[str]:
    signed = sign_block(Block("popular"))
    content, _, signature = signed.rpartition(":")
    return [
        "",
        "x",
        ":",
        signed[:-1],
        signed + "x",
        "x" + signed,
        f"{content}:",
        f":{signature}",
        "é" + signed,
        "\0",
    ]


@pytest.mark.parametrize("text", forged())
def test_what_we_did_not_sign_is_refused(client: Client, shop: Goods, text: str) -> None:
    response = client.get(URL, {"b": [sign_block(Block("popular")), text]})
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("b", "signature")]


def test_another_purpose_has_another_signature(client: Client, shop: Goods) -> None:
    response = client.get(
        URL, {"b": json.loads(client.get("/personalization/v1/slots/popular/").content)["token"]}
    )
    assert response.status_code == 400


@pytest.mark.parametrize("number", [0, 11])
def test_the_number_of_blocks_has_a_limit(client: Client, shop: Goods, number: int) -> None:
    response = client.get(URL, {"b": [sign_block(Block("popular"))] * number})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["b"]


def test_a_text_that_is_too_long_is_not_even_read(client: Client, shop: Goods) -> None:
    response = client.get(URL, {"b": "x" * 2001})
    assert [error["field"] for error in response.json()["errors"]] == ["b"]


@pytest.mark.parametrize(("method", "status"), [("head", 200), ("post", 405), ("put", 405)])
def test_blocks_are_read_only(client: Client, shop: Goods, method: str, status: int) -> None:
    path = f"{URL}?b={sign_block(Block('popular'))}"
    assert getattr(client, method)(path).status_code == status


def test_blocks_count_in_the_throttle_of_slots(client: Client, shop: Goods, settings: Any) -> None:
    cache.clear()
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "THROTTLES": {"slots": "2/min"}}
    path = f"{URL}?b={sign_block(Block('popular'))}"
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]
    cache.clear()


def test_ten_blocks_cost_what_one_costs(
    client: Client,
    shop: Goods,
    savepoints_are_free: None,
    django_assert_max_num_queries: Any,
    django_assert_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(3) as one:  # ours, and what the host's middleware asks
        blocks(client, Block("popular", count=2))
    with django_assert_num_queries(len(one)):
        blocks(client, *[Block("popular", count=2)] * 10)
