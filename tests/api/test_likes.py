"""“Choose three things you like”: from the form to a page that is personal, without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from personalization.engine.types import Kind
from personalization.identity.cookie import read_cookie
from personalization.models import Event
from personalization.serving import is_personal
from personalization.shortcuts.onboarding import find_onboarding
from tests import goods as shelf
from tests.api.beacons import COOKIE, FIREFOX
from tests.goods import Goods

URL = "/personalization/likes/"
FORM = "f" * 24


@pytest.fixture
def shop(mug: Goods) -> Client:
    for n in range(12):
        shelf.put(f"p{n}")
    return Client(headers={"user-agent": FIREFOX})


def like(browser: Client, *items: str, **fields: Any) -> Any:
    return browser.post(URL, {"item": items, "form": FORM, "next": "/shop/?page=2", **fields})


def stored() -> list[str]:
    assert set(Event.objects.values_list("kind", flat=True)) <= {Kind.WISH}
    return sorted(Event.objects.values_list("item__key", flat=True))


def page(**cookies: str) -> Any:
    request = RequestFactory(headers={"user-agent": FIREFOX}).get("/shop/?page=2")
    request.COOKIES.update(cookies)
    request.session = {}  # type: ignore[assignment]
    return request


def render(request: Any, source: str = "{% personal_onboarding %}", **context: Any) -> str:
    with translation.override("en"):
        return Template("{% load personalization %}" + source).render(
            Context({"request": request, **context})
        )


def test_a_newcomer_is_offered_a_choice(shop: Client) -> None:
    html = render(page())
    assert '<form class="personal-onboarding" method="post" action="/personalization/likes/">' in html
    assert html.count('type="checkbox"') == 9
    assert "Choose 3 things you like" in html
    assert 'name="next" value="/shop/?page=2"' in html
    assert 'name="csrfmiddlewaretoken" value="' in html
    assert "<script" not in html
    assert " style=" not in html


def test_it_may_be_smaller_and_kept(shop: Client) -> None:
    source = "{% personal_onboarding count=2 as choice %}{{ choice.cards|length }} of {{ choice.wanted }}"
    assert render(page(), source) == "2 of 3"


def test_the_form_that_was_rendered_is_taken(shop: Client) -> None:
    choice = find_onboarding(page())
    assert choice is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,40}", choice.form)
    assert like(shop, choice.cards[0].key, form=choice.form, next=choice.next)["Location"] == "/shop/?page=2"
    assert stored() == [choice.cards[0].key]


def test_what_is_tapped_is_stored_and_the_browser_known_from_then_on(shop: Client) -> None:
    response: HttpResponse = like(shop, "p1", "p5", "p7")
    assert (response.status_code, response["Location"]) == (302, "/shop/?page=2")
    assert stored() == ["p1", "p5", "p7"]
    cookie = shop.cookies[COOKIE].value
    assert read_cookie(page(**{COOKIE: cookie}))
    assert find_onboarding(page(**{COOKIE: cookie})) is None  # who has a history is not asked again
    assert render(page(**{COOKIE: cookie})).strip() == ""


def test_the_same_form_again_counts_once(shop: Client) -> None:
    like(shop, "p1", "p5")
    like(shop, "p1", "p5", "p6")
    assert stored() == ["p1", "p5", "p6"]
    assert Event.objects.values("visitor").distinct().count() == 1


def test_items_that_there_are_not_are_left_out(shop: Client) -> None:
    assert like(shop, "p1", "nothing", "", "x" * 300).status_code == 302
    assert stored() == ["p1"]


def test_no_form_may_be_without_an_id_or_with_nothing(shop: Client) -> None:
    like(shop, "p1", form="short")
    like(shop)
    assert stored() == ["p1"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_to_no_other_shop(shop: Client, elsewhere: str) -> None:
    assert like(shop, "p1", next=elsewhere)["Location"] == "/"


def test_before_somebody_agreed_nobody_is_asked_and_nothing_is_stored(shop: Client, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    assert find_onboarding(page()) is None
    assert like(shop, "p1").status_code == 302
    assert stored() == []
    assert COOKIE not in shop.cookies


def test_who_refused_is_not_asked(shop: Client) -> None:
    shop.post("/personalization/privacy/", {"act": "refuse"})
    cookies = {name: morsel.value for name, morsel in shop.cookies.items()}
    assert find_onboarding(page(**cookies)) is None
    like(shop, "p1")
    assert stored() == []


def test_another_site_cannot_send_the_form(shop: Client) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"user-agent": FIREFOX})
    assert like(strict, "p1").status_code == 403
    assert stored() == []


def test_nobody_sends_it_without_end(shop: Client, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "THROTTLES": {"events": "1/hour"}}
    assert [like(shop, "p1").status_code for _ in range(2)] == [302, 429]


def test_a_page_that_asks_is_kept_by_no_cache(shop: Client) -> None:
    request = page()
    find_onboarding(request)
    assert is_personal(request)


def test_a_failure_breaks_no_page(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(shelf.GoodsAdapter, "cards", fail)
    assert render(page()).strip() == ""
    assert render(None).strip() == ""
