"""The events endpoint: of whom something is told, whether it may be, and by what."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from personalization.engine.types import Flag, Identity, IdentityKind, Kind
from personalization.identity.merge import merge_login
from personalization.models import Event, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.erasure import erase
from tests.api.beacons import (
    COOKIE,
    a_browser,
    errors,
    event,
    tell,
    tell_as_server,
    the_key,
    verdicts,
)
from tests.goods import GoodsAdapter
from tests.people import make_chief

pytestmark = pytest.mark.usefixtures("told_shop")

MINUTE = timedelta(minutes=1)


def change(settings: Any, **changed: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, **changed}


class TestWho:
    def test_a_browser_with_our_cookie_is_known_again(self, page: Client) -> None:
        tell(page, event())
        assert COOKIE not in tell(page, event("wish")).cookies
        assert Visitor.objects.count() == 1

    def test_who_is_signed_in_is_the_user(self, browser: Client, ann: Any) -> None:
        response = tell(browser, event())
        row = IdentityRow.objects.get()
        assert (row.kind, row.key) == (IdentityKind.USER, str(ann.pk))
        assert COOKIE not in response.cookies

    @pytest.mark.parametrize("value", ["somebody-else", "somebody:forged", "", "é"])
    def test_a_cookie_that_we_did_not_sign_is_none(self, page: Client, value: str) -> None:
        page.cookies[COOKIE] = value
        response = tell(page, event())
        assert response.json()["corrected"] == {"cookie": 1}
        assert the_key() != value
        assert response.cookies[COOKIE].value != value

    def test_a_flipped_letter_makes_a_cookie_foreign(self, page: Client) -> None:
        tell(page, event())
        page.cookies[COOKIE] = page.cookies[COOKIE].value[:-1] + "~"
        assert tell(page, event()).json()["corrected"] == {"cookie": 1}
        assert Visitor.objects.count() == 2

    def test_a_browser_whose_owner_left_gets_a_new_key(self, page: Client, ann: Any) -> None:
        tell(page, event())
        before = the_key()
        assert merge_login(before, str(ann.pk), tenant="", now=time.time_ns() // 1000)
        response = tell(page, event("wish"))
        assert verdicts(response) == ["stored"]
        assert not response.cookies[COOKIE].value.startswith(before)
        assert Event.objects.get(kind=Kind.WISH).visitor.person is None

    def test_what_was_told_before_the_owner_left_is_not_stored_twice(self, page: Client, ann: Any) -> None:
        tell(page, told := event())
        merge_login(the_key(), str(ann.pk), tenant="", now=time.time_ns() // 1000)
        assert verdicts(tell(page, told)) == ["duplicate"]
        assert Event.objects.count() == 1

    def test_a_tenant_has_visitors_of_its_own(self, page: Client, settings: Any) -> None:
        tell(page, event())
        change(settings, ADAPTER=f"{__name__}.Tenants")
        tell(page, event(), x_tenant="two")
        assert list(Event.objects.order_by("pk").values_list("tenant", "store")) == [
            ("", ""),
            ("two", "south"),
        ]

    def test_the_shops_server_speaks_for_its_customers(self) -> None:
        assert verdicts(tell_as_server(event(), personalization_user="anna")) == ["stored"]
        response = tell_as_server(event(), personalization_visitor="b-1")
        assert COOKIE not in response.cookies
        assert set(IdentityRow.objects.values_list("kind", "key")) == {
            (IdentityKind.USER, "anna"),
            (IdentityKind.VISITOR, "b-1"),
        }

    def test_a_server_says_whom_it_speaks_for(self) -> None:
        assert errors(tell_as_server(event())) == {"identity": "required"}

    def test_a_wrong_key_is_nobodys(self) -> None:
        response = tell(
            Client(), event("purchase"), authorization="Bearer wrong", personalization_user="anna"
        )
        assert errors(response) == {"events.0.kind": "not_allowed"}

    def test_headers_without_the_key_change_nothing(self, page: Client) -> None:
        tell(page, event(), personalization_user="anna")
        assert the_key() != "anna"


class Tenants(GoodsAdapter):
    def tenant(self, request: Any) -> str:
        return request.headers.get("X-Tenant", "")

    def store(self, request: Any) -> str:
        return "south"


class TestConsent:
    @pytest.mark.parametrize(
        "headers", [{"sec_gpc": "1"}, {"dnt": "1"}, {"cookie": "personalization_consent=0"}]
    )
    def test_who_refuses_leaves_nothing(self, page: Client, headers: dict[str, str]) -> None:
        response = tell(page, event(), event(kind="wish"), **headers)
        assert verdicts(response) == ["no_consent"] * 2
        assert response.json()["dropped"] == {"no_consent": 2}
        assert not response.cookies
        assert not any(model.objects.exists() for model in (Event, Visitor, IdentityRow))

    def test_without_consent_where_it_is_required(self, page: Client, settings: Any) -> None:
        change(settings, CONSENT_REQUIRED=True)
        assert verdicts(tell(page, event())) == ["no_consent"]
        assert verdicts(tell(page, event(), cookie="personalization_consent=1")) == ["stored"]
        assert verdicts(tell_as_server(event(), personalization_user="anna")) == ["no_consent"]
        agreed = {"personalization_user": "anna", "personalization_consent": "1"}
        assert verdicts(tell_as_server(event(), **agreed)) == ["stored"]

    def test_a_person_who_refused_is_not_written_about(self, browser: Client) -> None:
        tell(browser, event())
        Visitor.objects.update(choice=Visitor.Choice.REFUSED)
        response = tell(browser, event())
        assert verdicts(response) == ["refused"]
        assert (response.json()["dropped"], Event.objects.count()) == ({"refused": 1}, 1)

    def test_an_erased_browser_begins_anew(self, page: Client) -> None:
        before = (datetime.now(UTC) - MINUTE).isoformat()
        tell(page, event())
        key = the_key()
        erase([Identity(IdentityKind.VISITOR, key)], tenant="", now=time.time_ns() // 1000)
        response = tell(page, event(time=before), event("wish"))
        assert verdicts(response) == ["erased", "stored"]
        assert the_key() != key
        assert response.cookies[COOKIE].value.startswith(the_key())

    def test_a_late_event_does_not_bring_a_person_back(self, browser: Client, ann: Any) -> None:
        erase([Identity(IdentityKind.USER, str(ann.pk))], tenant="", now=time.time_ns() // 1000)
        assert verdicts(tell(browser, event(time=(datetime.now(UTC) - MINUTE).isoformat()))) == ["erased"]
        assert not Visitor.objects.exists()
        assert verdicts(tell(browser, event())) == ["stored"]


class TestTraffic:
    def test_machines_and_staff_are_stored_and_marked(self, page: Client) -> None:
        tell(page, event(), user_agent="Googlebot/2.1")
        tell(page, event(), sec_purpose="prefetch")
        chief = a_browser()
        chief.force_login(make_chief())
        tell(chief, event())
        flags = Event.objects.order_by("pk").values_list("flags", flat=True)
        assert list(flags) == [Flag.BOT, Flag.PREFETCH, Flag.STAFF]
        assert not ViewedItem.objects.exists()

    def test_the_shops_server_is_no_machine(self) -> None:
        tell_as_server(event(), personalization_user="anna", user_agent="python-httpx/0.28")
        assert Event.objects.get().flags == 0


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://testserver.evil.example"},
            {"origin": "http://testserver:8080"},
            {"origin": "http://[::1"},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"origin": "http://testserver", "sec_fetch_site": "cross-site"},
        ],
    )
    def test_pages_of_others_tell_nothing(self, headers: dict[str, str]) -> None:
        response = tell(Client(), event(), **headers)
        assert response.status_code == 403
        assert response["Content-Type"] == "application/problem+json"
        assert not Event.objects.exists()

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"origin": "https://TESTSERVER"},
            {"sec_fetch_site": "same-origin", "origin": "https://shop.example"},
        ],
    )
    def test_our_own_pages_do(self, headers: dict[str, str]) -> None:
        assert verdicts(tell(Client(), event(), **headers)) == ["stored"]

    def test_the_shops_server_has_no_pages(self) -> None:
        response = tell_as_server(event(), personalization_user="anna", origin="https://app.example")
        assert verdicts(response) == ["stored"]

    def test_it_is_the_only_address_that_asks_for_no_csrf_token(self) -> None:
        assert verdicts(tell(a_browser(enforce_csrf_checks=True), event())) == ["stored"]
