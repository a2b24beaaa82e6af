"""Who acts: the signed-in user by the adapter's key, else the browser by our cookie, and only if they agree."""

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from personalization.engine.types import Identity, IdentityKind
from personalization.identity.cookie import write_cookie
from personalization.identity.resolve import find_identity
from tests.goods import GoodsAdapter


class ByName(GoodsAdapter):
    def user_key(self, user: object) -> str:
        return user.name  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _open(goods: None) -> None:
    """What a host's settings say of consent is not the matter here."""


def user(key: int, name: str) -> SimpleNamespace:
    return SimpleNamespace(pk=key, name=name, is_authenticated=True)


@pytest.fixture
def request_of(rf: RequestFactory) -> HttpRequest:
    return rf.get("/?user=7", headers={"X-User": "7"})


def test_a_signed_in_user_is_known_by_the_primary_key(request_of: HttpRequest) -> None:
    request_of.user = user(42, "ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "42")


@override_settings(PERSONALIZATION={"ADAPTER": f"{__name__}.ByName"})
def test_the_adapter_may_know_users_by_something_else(request_of: HttpRequest) -> None:
    request_of.user = user(42, "ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "ann")


def test_a_stranger_is_nobody(request_of: HttpRequest) -> None:
    request_of.user = AnonymousUser()
    assert find_identity(request_of) is None


@pytest.mark.parametrize("user", ["absent", None])
def test_a_shop_without_users_has_nobody(request_of: HttpRequest, user: str | None) -> None:
    if user is None:
        request_of.user = None  # type: ignore[assignment]  # what DRF's UNAUTHENTICATED_USER = None gives
    assert find_identity(request_of) is None


class Loyal(GoodsAdapter):
    """A shop that knows holders of a card without a login."""

    def identity(self, request: HttpRequest) -> Identity | None:
        card = request.META.get("HTTP_X_CARD")
        return Identity(IdentityKind.USER, card) if card else None

    def consent(self, request: HttpRequest) -> bool | None:
        return {"yes": True, "no": False}.get(request.META.get("HTTP_X_BANNER", ""))


KEY = "k" * 32
USER, BROWSER = Identity(IdentityKind.USER, "42"), Identity(IdentityKind.VISITOR, "b")
CARD, SPOKEN_FOR = Identity(IdentityKind.USER, "card"), Identity(IdentityKind.USER, "anna")


def visit(
    *, card: bool, signed_in: bool, browser: bool, server: bool, headers: dict[str, str], choice: str
) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers | {"personalization-user": "anna"})
    request.user = user(42, "ann") if signed_in else AnonymousUser()
    if browser:
        response = HttpResponse()
        write_cookie(response, request, "b")
        request.COOKIES["personalization"] = response.cookies["personalization"].value
    if card:
        request.META["HTTP_X_CARD"] = "card"
    if server:
        request.META["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    if choice:
        request.COOKIES["personalization_consent"] = choice
    return request


@pytest.mark.parametrize("server", [True, False])
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(("signal", "refuses"), [({}, False), ({"sec-gpc": "1"}, True), ({"dnt": "1"}, True)])
@pytest.mark.parametrize(("banner", "choice"), list(product(["", "yes", "no"], ["", "0", "1"])))
def test_everybody_in_every_state_of_consent(
    settings: Any,
    *,
    server: bool,
    required: bool,
    signal: dict[str, str],
    refuses: bool,
    banner: str,
    choice: str,
) -> None:
    settings.PERSONALIZATION = {
        "ADAPTER": f"{__name__}.Loyal",
        "CONSENT_REQUIRED": required,
        "SERVER_KEYS": [KEY],
    }
    said = {"yes": True, "no": False}.get(banner, {"1": True, "0": False}.get(choice, not required))
    agreed = said and not refuses
    for card, signed_in, browser in product([True, False], repeat=3):
        who = CARD if card else USER if signed_in else BROWSER if browser else None
        expected = who if agreed else None
        if server:  # a server speaks for its customer, and says itself what the customer chose
            expected = None if required else SPOKEN_FOR
        request = visit(
            card=card,
            signed_in=signed_in,
            browser=browser,
            server=server,
            headers=signal | {"x-banner": banner},
            choice=choice,
        )
        assert find_identity(request) == expected


def test_it_touches_no_table(django_assert_num_queries: Any, db: None, settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Loyal"}
    with django_assert_num_queries(0):
        for signed_in, browser in product([True, False], repeat=2):
            find_identity(
                visit(card=False, signed_in=signed_in, browser=browser, server=False, headers={}, choice="")
            )
