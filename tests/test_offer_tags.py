"""``{% cart_offers %}`` and ``{% my_coupons %}``: what a page says of offers, and that it never breaks for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from personalization.engine.types import IdentityKind
from personalization.middleware import PersonalMiddleware
from personalization.models import Promotion
from personalization.store.live_promotions import forget_live_promotions
from personalization.store.visitors import ensure_visitors
from tests.people import make_person
from tests.promotions.ledger import NOW
from tests.promotions.shop import FROM_50, coupon, promotion
from tests.shortcuts.test_offers import CODED, asking, shop

__all__ = ["shop"]
BAD = "<script>alert(1)</script>\"'"


def render(source: str, request: Any, **context: Any) -> str:
    return Template("{% load personalization %}" + source).render(Context({"request": request, **context}))


def test_the_part_says_what_applies_what_nearly_does_and_which_codes_do_not():
    promotion(title="Autumn")
    promotion(title="Big", rule=FROM_50)
    html = render("{% cart_offers codes=codes %}", asking(), codes=["NOPE"])
    assert '<section class="personal-offers" aria-label="Offers">' in html
    applied, refused, nearly = html.split("<li ")[1:]
    assert "Autumn" in applied
    assert "−4.00 EUR" in applied
    assert "NOPE" in refused
    assert "This code cannot be used." in refused
    assert "Big" in nearly
    assert "10.00 EUR more, and it applies." in nearly
    assert "<script" not in html
    assert " style=" not in html


def test_the_answer_can_be_kept_and_shares_stand_beside_their_lines():
    promotion()
    source = "{% cart_offers as offers %}{{ offers.total }} {{ offers|share_of:2 }} {{ offers|share_of:'x' }}"
    assert render(source, asking()) == "36.00 3.00 None"
    assert render("{{ nothing|share_of:1 }}", asking()) in {"", "None"}


def test_nothing_to_say_renders_nothing():
    assert render("{% cart_offers %}{% my_coupons %}", asking()).strip() == ""


def test_my_coupons_shows_codes_states_and_reasons():
    ann = make_person("ann")
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    coupon("MINE", promotion(title="Plain", **CODED), owner=owner, expires_at=4_000_000_000_000_000)
    coupon("OVER", promotion(title="Old", **CODED), owner=owner, expires_at=NOW)
    html = render("{% my_coupons %}", asking(user=ann))
    usable, over = html.split("<li ")[1:]
    assert "personal-coupon-usable" in usable
    assert "Valid until" in usable
    assert "2096" in usable
    assert "personal-coupon-unusable" in over
    assert "It is over." in over
    source = "{% my_coupons as mine %}{% for one in mine %}{{ one.code }}:{{ one.state }} {% endfor %}"
    assert render(source, asking(user=ann)) == "MINE:usable OVER:expired "


def test_everything_is_escaped():
    promotion(title=BAD)
    html = render("{% cart_offers codes=codes %}", asking(), codes=[BAD])
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_titles_are_translated_where_the_shop_has_a_translation():
    promotion(title="Ratings")
    with translation.override("zh-hans"):
        html = render("{% cart_offers %}", asking())
    assert "评分" in html
    assert "Ratings" not in html
    Promotion.objects.update(title="10 % off")
    forget_live_promotions()
    assert "10 % off" in render("{% cart_offers %}", asking())


def test_a_shop_has_its_own_look(settings: Any, tmp_path: Any):
    (tmp_path / "personalization").mkdir()
    (tmp_path / "personalization" / "cart_offers.html").write_text("own {{ offers.discount }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    promotion()
    assert render("{% cart_offers %}", asking()) == "own 4.00"


@pytest.mark.parametrize("source", ["{% cart_offers %}", "{% my_coupons %}", "{% my_coupons as mine %}"])
def test_the_page_is_the_shoppers_own(source: str):
    request = asking()
    response = PersonalMiddleware(lambda request: HttpResponse(render(source, request)))(request)
    assert "private" in response["Cache-Control"]  # type: ignore[index]
    assert "Cookie" in response["Vary"]  # type: ignore[index]


@pytest.mark.parametrize("source", ["{% cart_offers %}", "{% my_coupons %}"])
def test_a_page_never_breaks(source: str, caplog: pytest.LogCaptureFixture):
    def fail(execute, sql, params, many, context):
        raise DatabaseError("away")

    with connection.execute_wrapper(fail):
        assert render(source, asking(user=make_person_without_query())).strip() == ""
    assert f"{source.split()[1]} failed" in caplog.text


def make_person_without_query() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model()(pk=1)


def test_what_is_wrong_with_a_cart_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture):
    promotion()
    request = asking()
    request.cart = "no cart"  # type: ignore[attr-defined]
    assert render("{% cart_offers as offers %}[{{ offers }}]", request) == "[None]"
    assert "cart_offers failed" in caplog.text


@pytest.mark.usefixtures("savepoints_are_free")
def test_a_shop_whose_carts_nobody_knows_asks_nothing(settings: Any, caplog: pytest.LogCaptureFixture):
    settings.PERSONALIZATION = {"ADAPTER": "tests.goods.GoodsAdapter"}
    request = HttpRequest()
    request.user = AnonymousUser()
    with CaptureQueriesContext(connection) as captured:
        assert render("{% cart_offers %}", request).strip() == ""
    assert len(captured) == 0
    assert caplog.text == ""


@pytest.mark.parametrize("source", ["{% cart_offers %}", "{% my_coupons %}"])
def test_without_a_request_there_is_nothing(source: str):
    assert render(source, None).strip() == ""


def test_an_event_loop_is_not_blocked(caplog: pytest.LogCaptureFixture):
    promotion()

    async def view() -> str:
        return render("{% cart_offers %}", asking())

    assert asyncio.run(view()).strip() == ""
    assert "event loop" in caplog.text


@pytest.mark.parametrize(
    "source", ["{% cart_offers 1 %}", "{% cart_offers cart=x %}", "{% my_coupons codes=x %}"]
)
def test_a_tag_that_is_written_wrongly_is_told_at_once(source: str):
    with pytest.raises(TemplateSyntaxError):
        Template("{% load personalization %}" + source)


@pytest.mark.usefixtures("savepoints_are_free")
def test_both_tags_together_stay_within_their_budgets():
    ann = make_person("ann")
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    for number in range(10):
        coupon(f"C{number}", promotion(rule=FROM_50, limit_person=1, **CODED), owner=owner)
    for source in ("{% cart_offers codes=codes %}", "{% my_coupons %}"):
        render(source, asking(user=ann), codes=["C1"])
        with CaptureQueriesContext(connection) as captured:
            assert render(source, asking(user=ann), codes=["C1"]).strip()
        assert len(captured) <= 6
