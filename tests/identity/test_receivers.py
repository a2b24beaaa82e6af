"""A login joins the browser to the user, in whatever way the host signs people in, and never costs the login."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.auth import alogin, login
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import LoginView
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from personalization.engine.types import Identity, IdentityKind
from personalization.identity import receivers
from personalization.identity.cookie import new_key, write_cookie
from personalization.models import Visitor
from personalization.store.standings import find_standings
from personalization.store.visitors import ensure_visitors
from tests.goods import GOODS, GoodsAdapter
from tests.people import login_name, make_person

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser as AnyUser

SessionStore = import_module(django_settings.SESSION_ENGINE).SessionStore
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "correct horse"


class ByName(GoodsAdapter):
    """Users are known by name, data by the host name of the request."""

    def user_key(self, user: Any) -> str:
        return str(user.get_username())

    def tenant(self, request: HttpRequest) -> str:
        return request.get_host().partition(".")[0]


class OwnPeople(GoodsAdapter):
    """A shop that knows its customers by itself."""

    def identity(self, request: HttpRequest) -> Identity | None:
        kind, _, key = request.META.get("HTTP_X_CUSTOMER", "").partition(":")
        return Identity(IdentityKind[kind], key) if key else None


class Broken(GoodsAdapter):
    """Raises whatever it is asked."""

    def user_key(self, user: Any) -> str:
        raise DatabaseError("the shop's own table is gone")


@pytest.fixture(autouse=True)
def _open(goods: None) -> None:
    """What a host's settings say of consent is not the matter here."""


@pytest.fixture
def ann(db: None) -> AnyUser:
    return make_person("ann", password=PASSWORD)


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


class Browser:
    """A browser that visited before: its cookie, and the visitor behind it."""

    def __init__(self, *, tenant: str = "") -> None:
        self.key = new_key()
        self.visitor = ensure_visitors(IdentityKind.VISITOR, [self.key], tenant=tenant, now=1)[self.key]
        response = HttpResponse()
        write_cookie(response, HttpRequest(), self.key)
        self.cookies = {name: morsel.value for name, morsel in response.cookies.items()}

    def request(self, *, headers: dict[str, str] | None = None, **form: str) -> HttpRequest:
        request = RequestFactory().post("/", form, headers=headers)
        request.COOKIES.update(self.cookies)
        request.session = SessionStore()
        request.user = AnonymousUser()
        return request

    @property
    def person(self) -> int | None:
        return Visitor.objects.get(pk=self.visitor).person_id


def visitor_of(user: str, *, tenant: str = "") -> int | None:
    found = find_standings(IdentityKind.USER, [user], tenant=tenant).get(user)
    return None if found is None else found.visitor


def sign_in(request: HttpRequest, user: AnyUser, capture: Any) -> None:
    with capture(execute=True):
        login(request, user, backend=BACKEND)


@pytest.fixture
def capture(django_capture_on_commit_callbacks: Any) -> Any:
    return django_capture_on_commit_callbacks


def test_djangos_login_page(browser: Browser, ann: AnyUser, capture: Any) -> None:
    request = browser.request(username=login_name("ann"), password=PASSWORD, next="/")
    request._dont_enforce_csrf_checks = True
    with capture(execute=True):
        response = LoginView.as_view()(request)
    assert response.status_code == 302
    assert browser.person == visitor_of(str(ann.pk)) is not None


def test_the_same_key_and_tenant_as_everywhere(ann: AnyUser, capture: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.ByName"}
    browser = Browser(tenant="north")
    sign_in(browser.request(headers={"host": "south.example"}), ann, capture)
    assert browser.person is None
    sign_in(browser.request(headers={"host": "north.example"}), ann, capture)
    assert browser.person == visitor_of(login_name("ann"), tenant="north") is not None


def test_nothing_is_asked_or_written_before_the_hosts_commit(
    browser: Browser, ann: AnyUser, capture: Any
) -> None:
    with capture() as callbacks:
        login(browser.request(), ann, backend=BACKEND)
    assert browser.person is None
    (merge,) = callbacks
    merge()
    assert browser.person is not None


@pytest.mark.django_db(transaction=True)
def test_a_login_that_was_rolled_back_was_none(ann: AnyUser, browser: Browser) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        login(browser.request(), ann, backend=BACKEND)
        raise RuntimeError
    assert browser.person is None


@pytest.mark.django_db(transaction=True)
def test_a_login_of_an_async_view(ann: AnyUser, browser: Browser) -> None:
    async_to_sync(alogin)(browser.request(), ann, backend=BACKEND)
    assert browser.person == visitor_of(str(ann.pk)) is not None


@pytest.mark.django_db(transaction=True)
def test_a_sync_login_inside_an_event_loop_succeeds_without_a_merge(
    ann: AnyUser, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    async def view() -> None:
        user_logged_in.send(type(ann), request=browser.request(), user=ann)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_logged_in, "receivers", _only_ours())
        async_to_sync(view)()
    assert "joining a browser to who signed in failed" in caplog.text
    assert browser.person is None


def _only_ours() -> list[Any]:
    """The receiver of django.contrib.auth would fail first: it saves the user."""
    return [entry for entry in user_logged_in.receivers if entry[0][0] == "personalization.identity"]


@pytest.mark.parametrize("headers", [{"sec-gpc": "1"}, {"dnt": "1"}, {"cookie": "personalization_consent=0"}])
def test_a_request_that_refuses_is_not_looked_at(
    browser: Browser, ann: AnyUser, capture: Any, headers: dict[str, str]
) -> None:
    sign_in(browser.request(headers=headers), ann, capture)
    assert browser.person is None
    assert visitor_of(str(ann.pk)) is None


def test_where_consent_is_required_it_must_have_been_given(
    browser: Browser, ann: AnyUser, capture: Any, settings: Any
) -> None:
    settings.PERSONALIZATION = GOODS | {"CONSENT_REQUIRED": True}
    sign_in(browser.request(), ann, capture)
    assert browser.person is None
    browser.cookies["personalization_consent"] = "1"
    sign_in(browser.request(), ann, capture)
    assert browser.person is not None


@pytest.mark.parametrize("forged", ["", "abc", "abc:def", "1:" + "x" * 300, "\udc80"])
def test_a_cookie_that_we_did_not_sign_joins_nothing(ann: AnyUser, capture: Any, forged: str) -> None:
    browser = Browser()
    browser.cookies["personalization"] = forged
    sign_in(browser.request(), ann, capture)
    assert Visitor.objects.count() == 1
    assert browser.person is None


@pytest.mark.parametrize(
    ("customer", "joined"), [("USER:c1", True), ("EMAIL:ann@example.org", False), ("", True)]
)
def test_customers_that_are_not_djangos_users(
    browser: Browser, ann: AnyUser, capture: Any, settings: Any, *, customer: str, joined: bool
) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.OwnPeople"}
    sign_in(browser.request(headers={"x-customer": customer}), ann, capture)
    assert (browser.person is not None) == joined
    assert (visitor_of("c1") is not None) == (customer == "USER:c1")


def test_a_login_without_a_request_or_cookies(ann: AnyUser, capture: Any) -> None:
    with capture(execute=True):
        user_logged_in.send(type(ann), request=None, user=ann)
        user_logged_in.send(type(ann), user=ann)
        user_logged_in.send(type(ann), request=object(), user=ann)
    Client().force_login(ann)
    assert not Visitor.objects.exists()


def test_a_failure_is_ours_alone(
    browser: Browser, ann: AnyUser, capture: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    request = browser.request()
    sign_in(request, ann, capture)
    assert request.user == ann
    assert type(ann).objects.filter(pk=ann.pk).exists()
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "joining a browser to who signed in failed"


def test_connecting_twice_listens_once() -> None:
    before = len(user_logged_in.receivers)
    receivers.connect()
    assert len(user_logged_in.receivers) == before
