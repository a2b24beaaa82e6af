"""A shop's server speaks for its customers when it shows a key; nobody else speaks for anybody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from personalization.engine.types import Identity, IdentityKind
from personalization.identity.headless import headless_identity, is_server
from personalization.identity.resolve import find_identity
from tests.goods import GOODS

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY, NEXT = "k" * 32, "n" * 40
ANNA = Identity(IdentityKind.USER, "anna")
BROWSER = Identity(IdentityKind.VISITOR, "b")


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.PERSONALIZATION = GOODS | {"SERVER_KEYS": [KEY, NEXT]}


def asked(authorization: str | None = f"Bearer {KEY}", **headers: str) -> HttpRequest:
    named = {f"personalization-{name}": value for name, value in headers.items()}
    if authorization is not None:
        named["authorization"] = authorization
    request = RequestFactory().get("/?user=anna&visitor=b", headers=named)
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    "authorization", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY} ", f"Bearer {NEXT}"]
)
def test_either_key_opens(authorization: str) -> None:
    assert is_server(asked(authorization))
    assert headless_identity(asked(authorization, user="anna")) == ANNA


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        KEY,
        f"Token {KEY}",
        f"Basic {KEY}",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY}x",
        f"Bearer {KEY},{NEXT}",
        f"Bearer {KEY.upper()}",
        "Bearer ü",
    ],
)
def test_without_a_key_headers_name_nobody(authorization: str | None) -> None:
    request = asked(authorization, user="anna", visitor="b", consent="1")
    assert not is_server(request)
    assert headless_identity(request) is None
    assert find_identity(request) is None


@pytest.mark.parametrize("keys", [(), [], "k" * 40, ["k"], [""], [None], None])
def test_settings_that_hold_no_real_key_open_nothing(settings: Any, keys: object) -> None:
    settings.PERSONALIZATION = GOODS | {"SERVER_KEYS": keys}
    for shown in ("", "k", KEY, "k" * 40, "None"):
        assert not is_server(asked(f"Bearer {shown}", user="anna"))


def test_the_user_comes_before_the_visitor() -> None:
    assert headless_identity(asked(user="anna", visitor="b")) == ANNA
    assert headless_identity(asked(visitor="b")) == BROWSER
    assert headless_identity(asked()) is None


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_what_cannot_be_a_key_is_nobody(key: str) -> None:
    assert headless_identity(asked(user=key)) is None


@pytest.mark.parametrize("key", ["anna", "Zoë", "王小明", "a b"])
def test_keys_of_any_script(key: str) -> None:
    wire = key.encode().decode("latin-1")  # as WSGI and ASGI servers hand it over
    assert headless_identity(asked(user=wire)) == Identity(IdentityKind.USER, key)
    assert headless_identity(asked(user=key)) == Identity(IdentityKind.USER, key)  # what is no UTF-8 stays


@pytest.mark.parametrize(
    ("required", "consent", "known"),
    [
        (False, None, True),
        (False, "1", True),
        (False, "0", False),
        (False, "yes", True),
        (True, None, False),
        (True, "1", True),
        (True, "0", False),
        (True, "yes", False),
    ],
)
def test_the_server_says_what_the_customer_chose(
    settings: Any, *, required: bool, consent: str | None, known: bool
) -> None:
    settings.PERSONALIZATION = GOODS | {"SERVER_KEYS": [KEY], "CONSENT_REQUIRED": required}
    headers = {} if consent is None else {"consent": consent}
    assert (find_identity(asked(user="anna", **headers)) == ANNA) == known


def test_a_server_is_never_somebody_itself() -> None:
    """Its session, or a cookie that it passes on, must not decide whom it speaks for."""
    request = asked()
    request.user = SimpleNamespace(pk=7, is_authenticated=True)
    assert find_identity(request) is None
    assert find_identity(asked(user="anna")) == ANNA
