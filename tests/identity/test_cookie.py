"""The cookie that names a browser: random, signed, out of scripts' reach, and gone with a refusal."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signing import Signer
from django.http import HttpResponse
from django.test import RequestFactory

from personalization.engine.ids import is_key
from personalization.identity.cookie import drop_cookie, new_key, read_cookie, write_choice, write_cookie

if TYPE_CHECKING:
    from http.cookies import Morsel

    from django.http import HttpRequest

DAY = 86_400


def asked(text: str | None = None, *, secure: bool = False, name: str = "personalization") -> HttpRequest:
    request = RequestFactory().get("/", secure=secure)
    if text is not None:
        request.COOKIES[name] = text
    return request


def written(key: str = "key", *, secure: bool = False, name: str = "personalization") -> Morsel[str]:
    response = HttpResponse()
    write_cookie(response, asked(secure=secure), key)
    return response.cookies[name]


def test_what_was_written_is_read() -> None:
    key = new_key()
    assert read_cookie(asked(written(key).value)) == key


def test_it_survives_the_journey_through_a_header() -> None:
    key = new_key()
    response = HttpResponse()
    write_cookie(response, asked(), key)
    assert (
        read_cookie(asked(SimpleCookie(response.cookies.output(header=""))["personalization"].value)) == key
    )


def test_keys_are_long_random_and_storable() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 22 and is_key(key) for key in keys)


def test_whatever_bit_is_flipped_it_is_not_ours() -> None:
    text = written("abc").value
    for place in range(len(text)):
        for bit in range(7):
            forged = text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
            assert read_cookie(asked(forged)) is None, forged


@pytest.mark.parametrize(
    "text",
    [None, "", ":", "abc", "abc:", ":abc", "a:b:c", "x" * 5000, "\0", "é:é", Signer().sign("abc")],
)
def test_what_we_did_not_sign_is_nothing(text: str | None) -> None:
    assert read_cookie(asked(text)) is None


@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b"])
def test_a_signed_text_that_cannot_be_a_key_is_none(key: str) -> None:
    assert read_cookie(asked(Signer(salt="personalization.visitor").sign(key))) is None


def test_an_older_secret_is_accepted_until_it_is_taken_out(settings: Any) -> None:
    text = written("abc").value
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 9
    assert read_cookie(asked(text)) == "abc"
    assert written("abc").value != text
    settings.SECRET_KEY_FALLBACKS = []
    assert read_cookie(asked(text)) is None


@pytest.mark.parametrize("secure", [True, False])
def test_its_attributes(*, secure: bool) -> None:
    cookie = written(secure=secure)
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 395 * DAY
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert bool(cookie["secure"]) == secure


def test_its_attributes_are_settings(settings: Any) -> None:
    settings.PERSONALIZATION = {
        "COOKIE": {
            "NAME": "who",
            "AGE_DAYS": 30,
            "DOMAIN": ".shop.example",
            "PATH": "/shop/",
            "SECURE": True,
            "SAMESITE": "None",
        }
    }
    cookie = written(name="who")
    assert cookie["max-age"] == 30 * DAY
    assert (cookie["domain"], cookie["path"]) == (".shop.example", "/shop/")
    assert (cookie["secure"], cookie["samesite"], cookie["httponly"]) == (True, "None", True)
    assert read_cookie(asked(cookie.value, name="who")) == "key"
    assert read_cookie(asked(cookie.value)) is None


def test_who_refuses_loses_the_key_and_keeps_the_choice() -> None:
    response = HttpResponse()
    write_choice(response, asked(), agreed=False)
    assert response.cookies["personalization_consent"].value == "0"
    assert (response.cookies["personalization"].value, response.cookies["personalization"]["max-age"]) == (
        "",
        0,
    )


def test_who_agrees_keeps_the_choice_and_gets_no_key_by_it() -> None:
    response = HttpResponse()
    write_choice(response, asked(), agreed=True)
    assert response.cookies["personalization_consent"].value == "1"
    assert "personalization" not in response.cookies


def test_a_cookie_is_dropped_where_it_was_set(settings: Any) -> None:
    place = {"DOMAIN": ".shop.example", "PATH": "/shop/", "SAMESITE": "None", "SECURE": True}
    settings.PERSONALIZATION = {"COOKIE": place}
    response = HttpResponse()
    drop_cookie(response)
    cookie = response.cookies["personalization"]
    assert (cookie["domain"], cookie["path"], cookie["samesite"]) == (".shop.example", "/shop/", "None")
    assert cookie["secure"]  # or browsers would not listen to SameSite=None
