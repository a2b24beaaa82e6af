"""People are called by name, found by what they are known by, and endless tables are not read to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from personalization.admin import read_only
from personalization.engine.ids import digest
from personalization.engine.types import IdentityKind, Kind
from personalization.models import Event, Visitor
from personalization.store.events import EventRow, Source, append_events
from personalization.store.visitors import ensure_visitors
from tests.admin.conftest import NOW
from tests.people import login_name, make_person

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
URL = "/admin/personalization/"


def visitor_of(key: str, kind: IdentityKind = IdentityKind.USER) -> int:
    return ensure_visitors(kind, [key], tenant="", now=NOW)[key]


def happen(visitor: int, count: int = 1) -> None:
    rows = [
        EventRow(digest(str(visitor), str(place)), Kind.VIEW, visitor, None, NOW + place)
        for place in range(count)
    ]
    append_events(rows, tenant="", source=Source.CODE, now=NOW)


@pytest.fixture
def maya() -> int:
    user = make_person("maya")
    visitor = visitor_of(str(user.pk))
    happen(visitor)
    return visitor


def test_whoever_may_see_visitors_reads_names(staff: Callable[..., Client], maya: int) -> None:
    both, events = staff("view_event", "view_visitor"), staff("view_event")
    event = Event.objects.get()
    for path in ("event/", f"event/{event.pk}/change/"):
        assert f"{login_name('maya')} (" in both.get(URL + path).content.decode()
        assert f"{login_name('maya')} (" not in events.get(URL + path).content.decode()
    for path in ("visitor/", f"visitor/{maya}/change/"):
        assert f"{login_name('maya')} (" in both.get(URL + path).content.decode()


def test_a_page_asks_once_for_all_names(chief: Client, maya: int) -> None:
    for place in range(3):
        happen(visitor_of(str(make_person(f"u{place}").pk)))
    with CaptureQueriesContext(connection) as queries:
        page = chief.get(f"{URL}event/").content.decode()
    assert f"{login_name('u0')} (" in page
    assert (
        sum(
            all(part in query["sql"] for part in (get_user_model()._meta.db_table, " IN ("))
            for query in queries
        )
        == 1
    )


def found(client: Client, path: str) -> list[int]:
    return sorted(row.pk for row in client.get(URL + path).context["cl"].result_list)


def test_a_person_is_found_with_all_their_browsers(chief: Client, maya: int) -> None:
    browser = visitor_of("cookie", IdentityKind.VISITOR)
    Visitor.objects.filter(pk=browser).update(person=maya)
    stranger = visitor_of("ann@example.com", IdentityKind.EMAIL)
    assert found(chief, "visitor/?q=cookie") == sorted([maya, browser])
    assert found(chief, "visitor/?q=Ann@example.com") == [stranger]
    assert found(chief, f"visitor/?q=%23{stranger}") == [stranger]
    assert found(chief, "visitor/?q=nobody") == []
    assert found(chief, "visitor/?joined=1") == [browser]
    assert found(chief, "visitor/?joined=0") == sorted([maya, stranger])
    assert found(chief, "visitor/?joined=x") == sorted([maya, browser, stranger])
    assert found(chief, "event/?q=cookie") == [Event.objects.get().pk]


@pytest.mark.parametrize("asked", ["", "?kind__exact=1", "?o=1"])
def test_lists_look_at_the_newest_rows_alone(
    chief: Client, maya: int, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(visitor_of("other"), 5)
    monkeypatch.setattr(read_only, "MOST_LOOKED_AT", 2)
    response = chief.get(f"{URL}event/{asked}")
    assert response.context["cl"].result_count == 2
    assert "Only the newest entries are looked at." in response.content.decode()
    for narrowed in (f"?visitor__id__exact={maya}", f"?q=%23{maya}"):
        response = chief.get(f"{URL}event/{narrowed}")
        assert response.context["cl"].result_count == 1
        assert "Only the newest entries" not in response.content.decode()


def test_a_list_that_stops_says_so(chief: Client, maya: int, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(visitor_of("other"), 5)
    monkeypatch.setattr(read_only, "MOST_COUNTED", 3)
    assert "There are more: only the first" in chief.get(f"{URL}event/").content.decode()


@pytest.mark.parametrize("model", ["event", "rating", "campaign", "promotion", "segment", "coupon"])
def test_a_filter_that_finds_nothing_shows_the_way_back(chief: Client, model: str) -> None:
    page = chief.get(f"{URL}{model}/?q=nothing-like-it").content.decode()
    assert "Nothing fits what is searched and filtered for." in page
    assert '<a href="?">Show all</a>' in page


def test_a_visitor_s_page_leads_where_one_may_go(staff: Callable[..., Client], maya: int) -> None:
    client: Any = staff("view_visitor", "view_event")
    page = client.get(f"{URL}visitor/{maya}/change/").content.decode()
    assert f"{URL}event/?visitor__exact={maya}" in page
    assert f"{URL}rating/?visitor__exact={maya}" not in page
