"""Campaign slots over HTTP: JSON, lazy blocks, and what comes back of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.template import Context, Template
from django.test import Client, RequestFactory

from personalization.capture import beacon_writer
from personalization.models import Answer, CampaignView, Event
from personalization.serving import read_token
from personalization.shortcuts.block import Block, sign_block
from personalization.store.campaign_content import State
from tests import goods as shelf
from tests.api.beacons import (
    COOKIE,
    SERVER_KEY,
    a_browser,
    event,
    new_id,
    tell,
    tell_as_server,
    token,
    verdicts,
)
from tests.campaigns.running import SLOT, SLOTS, save
from tests.goods import Goods

URL = f"/personalization/v1/slots/{SLOT}/"
BLOCKS = "/personalization/v1/blocks/"


@pytest.fixture
def shop(settings: Any, mug: Goods) -> Goods:
    for number in range(4):
        shelf.put(f"p{number}")
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SLOTS": SLOTS, "SERVER_KEYS": [SERVER_KEY]}
    return mug


@pytest.fixture
def page(shop: Goods) -> Client:
    return a_browser()


def answer(client: Client) -> dict[str, Any]:
    response = client.get(URL)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return response.json()  # type: ignore[no-any-return]


def views() -> list[tuple[int, int, int]]:
    return list(CampaignView.objects.order_by("campaign").values_list("campaign", "impressions", "clicks"))


def seen(signed: str, kind: str = "impression", **fields: Any) -> dict[str, Any]:
    return event(kind, None, token=signed, **fields)


def test_a_campaign_as_json(page: Client) -> None:
    saved = save(items_slot="popular")
    got = answer(page)
    assert got["campaign"] == {
        "number": saved.id,
        "headline": "Winter is coming",
        "text": "Stay warm.",
        "link": "/sale/",
        "image": "",
        "promotion": "",
        "code": "",
    }
    assert (got["slot"], got["held_out"]) == (SLOT, False)
    assert [item["item"] for item in got["items"]][:2] == ["p3", "p2"]
    assert read_token(got["token"]).campaign == saved.id


def test_nothing_to_show_as_json(page: Client) -> None:
    got = answer(page)
    assert (got["campaign"], got["token"], got["items"], got["held_out"]) == (None, "", [], False)


def test_the_holdout_as_json(browser: Client, shop: Goods) -> None:
    save(holdout_share=Decimal(1))
    got = answer(browser)
    assert (got["campaign"], got["items"], got["held_out"]) == (None, [], True)
    assert read_token(got["token"]).arm == "holdout"


def test_a_lazy_block_is_what_the_tag_renders(page: Client) -> None:
    save(slot="lazy_banner", headline="<b>Winter</b>", text="one\n\ntwo & three")
    request = RequestFactory().get("/")
    tag = Template('{% load personalization %}{% personal_slot "lazy_banner" lazy=False %}')
    inline = tag.render(Context({"request": request}))
    (lazy,) = page.get(BLOCKS, {"b": [sign_block(Block("lazy_banner"))]}).json()["blocks"]
    assert inline.count("data-token") == lazy.count("data-token") == 1
    for html in (inline, lazy):
        assert "&lt;b&gt;Winter&lt;/b&gt;" in html
        assert "<p>two &amp; three</p>" in html
        assert 'href="/sale/"' in html
        assert "style=" not in html


def test_seen_and_clicked_is_counted_with_its_events(page: Client) -> None:
    saved = save()
    got = answer(page)
    told = tell(page, seen(got["token"]), event("click", "", token=got["token"]))
    assert verdicts(told) == ["stored", "stored"]
    assert list(Event.objects.values_list("kind", "item", "position", "recommendation")) == [
        (2, None, None, got["recommendation_id"]),
        (3, None, None, got["recommendation_id"]),
    ]
    assert views() == [(saved.id, 1, 1)]
    stored = Answer.objects.get()
    assert (stored.campaign, stored.slot, stored.arm) == (saved.id, SLOT, "")


def test_once_for_each_answer_whoever_numbers_the_events(page: Client) -> None:
    saved = save()
    first, second = answer(page)["token"], answer(page)["token"]
    assert verdicts(tell(page, seen(first), seen(first))) == ["stored", "duplicate"]
    assert verdicts(tell(page, seen(first), seen(second))) == ["duplicate", "stored"]
    again = seen(second, "click", id=new_id())
    assert verdicts(tell(page, again, again)) == ["stored", "duplicate"]
    assert verdicts(tell(page, again)) == ["duplicate"]
    assert views() == [(saved.id, 2, 1)]


def test_once_however_many_tell_it_at_once(threads_db: None, page: Client) -> None:
    saved = save()
    signed = answer(page)["token"]
    tell(page, event("wish"))
    cookie = page.cookies[COOKIE].value

    def attempt(_: int) -> list[str]:
        browser = a_browser()
        browser.cookies[COOKIE] = cookie
        try:
            return verdicts(tell(browser, seen(signed), event("share")))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        words = [word for word, _ in pool.map(attempt, range(40))]
    assert sorted(words) == ["duplicate"] * 39 + ["stored"]
    assert views() == [(saved.id, 1, 0)]


def test_both_sides_of_a_holdout_are_counted_alike(browser: Client, shop: Goods) -> None:
    saved = save(holdout_share=Decimal(1))
    html = Template("{% load personalization %}{% personal_slot slot %}").render(
        Context({"slot": SLOT, "request": browser.get(URL).wsgi_request})
    )
    assert "Winter" not in html
    assert 'aria-hidden="true"' in html
    signed = html.partition('data-token="')[2].partition('"')[0]
    browser.defaults.update({"HTTP_ORIGIN": "http://testserver", "HTTP_USER_AGENT": "Firefox"})
    assert verdicts(tell(browser, seen(signed))) == ["stored"]
    assert views() == [(saved.id, 1, 0)]
    assert Answer.objects.get().arm == "holdout"


def test_items_of_a_campaign_are_seen_one_by_one(page: Client) -> None:
    save(items_slot="popular")
    got = answer(page)
    first = got["items"][0]["item"]
    told = tell(page, seen(got["token"]), event("click", first, token=got["token"]))
    assert verdicts(told) == ["stored", "stored"]
    assert list(Event.objects.order_by("kind").values_list("item__key", "position")) == [
        (None, None),
        (first, 1),
    ]
    assert views()[0][1:] == (1, 0)


def test_a_token_without_a_campaign_needs_its_item(page: Client) -> None:
    told = tell(page, event("view"), seen(token("mug")), seen("forged"), event("impression", None))
    assert verdicts(told) == ["stored", "item: required", "token: token", "token: required"]
    assert Event.objects.count() == 1


def test_machines_are_stored_and_not_counted(shop: Goods) -> None:
    save()
    robot = Client(headers={"user-agent": "curl/8", "origin": "http://testserver"})
    assert verdicts(tell(robot, seen(answer(robot)["token"]))) == ["stored"]
    assert views() == []


def test_the_shops_server_may_tell_it(shop: Goods) -> None:
    saved = save()
    got = Client().get(URL, headers={"authorization": f"Bearer {SERVER_KEY}"}).json()
    told = tell_as_server(seen(got["token"]), personalization_user="7")
    assert verdicts(told) == ["stored"]
    assert views() == [(saved.id, 1, 0)]


def test_a_campaign_that_is_gone_is_counted_no_more(page: Client) -> None:
    saved = save()
    signed = answer(page)["token"]
    from personalization.models import Campaign

    Campaign.objects.filter(pk=saved.id).delete()
    assert verdicts(tell(page, seen(signed))) == ["stored"]
    assert views() == []


def test_what_fails_to_be_counted_is_not_stored(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    save()
    signed = answer(page)["token"]

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(beacon_writer, "record_campaign_views", fail)
    with pytest.raises(RuntimeError):
        tell(page, seen(signed))
    assert (Event.objects.count(), Answer.objects.count()) == (0, 0)


def test_without_consent_only_the_page_decides(shop: Goods, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    save(rule={"kind": "visitor.returning", "op": "no"}, priority=1)
    everyone = save(holdout_share=Decimal(1)).id
    page = a_browser()
    got = answer(page)
    assert got["campaign"]["number"] == everyone
    assert tell(page, seen(got["token"])).json()["dropped"] == {"no_consent": 1}
    assert views() == []


def test_drafts_are_seen_by_nobody(page: Client) -> None:
    save(state=State.DRAFT)
    assert json.dumps(answer(page)["campaign"]) == "null"
