"""Every list and page opens, in few queries, with everything inert, for those who may see it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from personalization.models import Item, Rating, ViewedItem
from tests.admin.conftest import XSS

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS = ["build", "erasure", "event", "item", "rating", "run", "vieweditem", "visitor"]
URL = "/admin/personalization/"


def text(response: Any) -> str:
    assert response.status_code == 200
    content: str = response.content.decode()
    return content


def first(model: str) -> Any:
    return apps.get_model("personalization", model).objects.first()


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_open_and_are_inert(chief: Client, rows: SimpleNamespace, model: str) -> None:
    for path in ("", "?q=ann", "?days=7", f"{first(model).pk}/change/"):
        assert XSS not in text(chief.get(f"{URL}{model}/{path}", follow=True))


#: Some shops save the session with every page, and inside a test that takes a savepoint.
OF_THE_HOST = ("django_session", "SAVEPOINT")


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_for_one_row_and_for_many(
    chief: Client, rows: SimpleNamespace, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = site._registry[apps.get_model("personalization", model)]
    costs = []
    for per_page in (1, 100):
        monkeypatch.setattr(shown, "list_per_page", per_page)
        with CaptureQueriesContext(connection) as queries:
            chief.get(f"{URL}{model}/")
        ours = [query["sql"] for query in queries if not any(part in query["sql"] for part in OF_THE_HOST)]
        costs.append(len(ours))
    assert costs[0] == costs[1] <= 9


@pytest.mark.parametrize("model", MODELS)
def test_an_empty_list_says_how_rows_come_to_be(chief: Client, model: str) -> None:
    page = text(chief.get(f"{URL}{model}/"))
    hint = chief.get(f"{URL}{model}/").context["empty_hint"]
    assert hint
    assert escape(str(hint)) in page


def test_a_search_without_a_hit_is_no_empty_table(chief: Client, rows: SimpleNamespace) -> None:
    response = chief.get(f"{URL}rating/?q=nothing")
    assert str(response.context["empty_hint"]) not in text(response)


@pytest.mark.parametrize("model", MODELS)
def test_each_verb_asks_its_permission(
    staff: Callable[..., Client], rows: SimpleNamespace, model: str
) -> None:
    page = f"{URL}{model}/{first(model).pk}/"
    stranger, viewer = staff(), staff(f"view_{model}")
    assert stranger.get(f"{URL}{model}/").status_code == 403
    assert stranger.get(f"{page}change/").status_code == 403
    assert viewer.get(f"{URL}{model}/").status_code == 200
    assert viewer.get(f"{page}change/").status_code == 200
    assert viewer.post(f"{page}change/", {}).status_code == 403
    assert viewer.get(f"{URL}{model}/add/").status_code == 403
    assert viewer.post(f"{page}delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", [model for model in MODELS if model != "rating"])
def test_only_ratings_can_be_deleted(chief: Client, rows: SimpleNamespace, model: str) -> None:
    assert chief.post(f"{URL}{model}/{first(model).pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_rating_is_deleted_but_never_changed(staff: Callable[..., Client], rows: SimpleNamespace) -> None:
    moderator = staff("view_rating", "delete_rating", "change_rating")
    rating = Rating.objects.first()
    assert rating is not None
    assert moderator.post(f"{URL}rating/{rating.pk}/change/", {"value": 1}).status_code == 403
    assert moderator.post(f"{URL}rating/{rating.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Rating.objects.filter(pk=rating.pk).exists()


@pytest.mark.parametrize(
    ("model", "query", "hits"),
    [
        ("rating", "?q=alert", 3),
        ("rating", "?value=4", 3),
        ("rating", "?q=jug", 0),
        ("event", "?q=bob", 1),
        ("event", "?kind__exact=7", 3),
        ("event", "?kind__exact=1", 0),
        ("visitor", "?q=ann", 1),
        ("visitor", "?q=an", 0),
        ("vieweditem", "?q=jug", 3),
        ("item", "?q=HYPERLINK", 1),
        ("build", "?state__exact=2", 2),
    ],
)
def test_search_and_filters_find(
    chief: Client, rows: SimpleNamespace, model: str, query: str, hits: int
) -> None:
    assert chief.get(f"{URL}{model}/{query}").context["cl"].result_count == hits


def test_the_age_filter_counts_from_now(chief: Client, rows: SimpleNamespace) -> None:
    old = ViewedItem.objects.order_by("pk").first()
    assert old is not None
    ViewedItem.objects.filter(pk=old.pk).update(last_viewed_at=0)
    with override_settings(USE_TZ=False):
        assert chief.get(f"{URL}vieweditem/?days=1").context["cl"].result_count == 2
    assert chief.get(f"{URL}vieweditem/").context["cl"].result_count == 3


@pytest.mark.parametrize("use_tz", [True, False])
def test_instants_are_shown_in_the_current_zone(chief: Client, rows: SimpleNamespace, use_tz: bool) -> None:
    Rating.objects.update(rated_at=1_700_000_000_000_000)  # 2023-11-14 22:13 UTC
    with override_settings(USE_TZ=use_tz, TIME_ZONE="Asia/Shanghai"), timezone.override("Asia/Shanghai"):
        page = text(chief.get(f"{URL}rating/")).replace("\N{NO-BREAK SPACE}", " ")
    assert "2023-11-15 06:13" in page


def test_people_read_what_rows_mean(chief: Client, rows: SimpleNamespace) -> None:
    assert "4 / 5" in text(chief.get(f"{URL}rating/"))
    assert "user:ann" in text(chief.get(f"{URL}rating/"))
    assert "bot, staff" in text(chief.get(f"{URL}event/{first('event').pk}/change/"))
    assert "a, b" in text(chief.get(f"{URL}item/{first('item').pk}/change/"))
    assert "0.134 (0.057)" in text(chief.get(f"{URL}build/"))


def test_an_item_shows_what_rules_read_of_it(chief: Client, rows: SimpleNamespace) -> None:
    facts = {"brand": "North", "stock": "2.5", "attributes": {"color": "<red>", "size": "M"}}
    Item.objects.filter(key="mug").update(listed_at=1_700_000_000_000_000, **facts)
    page = text(chief.get(f"{URL}item/{Item.objects.get(key='mug').pk}/change/"))
    for shown in ("North", "2.500", "color: &lt;red&gt;, size: M", "2023"):
        assert shown in page


@pytest.mark.parametrize(
    ("metrics", "shown"), [({"skipped": "too few"}, "too few"), ({"error": "disk full"}, "disk full")]
)
def test_a_build_without_figures_says_why(
    chief: Client, rows: SimpleNamespace, metrics: dict[str, str], shown: str
) -> None:
    build = apps.get_model("personalization", "build").objects
    build.filter(pk=rows.unfinished).update(metrics=metrics)
    assert shown in text(chief.get(f"{URL}build/"))


@pytest.mark.usefixtures("languages")
def test_the_admin_speaks_chinese(chief: Client, rows: SimpleNamespace) -> None:
    page = text(chief.get(f"{URL}build/", headers={"Accept-Language": "zh-hans"}))
    assert "立即重建" in page
