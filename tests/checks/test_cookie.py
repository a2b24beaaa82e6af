"""Each option of COOKIE, each way to get it wrong."""

import pytest
from django.test import override_settings

from personalization.checks import check_settings
from tests.checks.test_settings import ids


def faults(**cookie: object) -> list[str]:
    with override_settings(PERSONALIZATION={"COOKIE": cookie}):
        messages = check_settings()
    assert all(message.id == "personalization.E019" and message.hint for message in messages)
    return [message.msg for message in messages]


@pytest.mark.parametrize("value", [None, "", 0, [], "name", [("NAME", "x")]])
def test_it_must_be_a_dict(value: object) -> None:
    assert ids({"COOKIE": value}) == ["E019"]


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("NAME", [None, "", 1, "a b", "a;b", "a=b", "é", "a\n", "x" * 101, [], "sessionid", "csrftoken"]),
        ("NAME", ["django_language", "personalization_consent"]),
        ("CONSENT_NAME", [None, "", "a,b", "sessionid", "personalization"]),
        ("AGE_DAYS", [None, "", 0, -1, 401, True, 30.0, "30", []]),
        ("DOMAIN", ["", 0, [], "a b", "a;b", "a\r\nSet-Cookie: x"]),
        ("PATH", [None, "", 0, "shop", "/a;b", "/a b", "/\n", []]),
        ("SECURE", ["", 0, 1, "yes", []]),
        ("SAMESITE", [None, "", 0, "lax", "Loose", [], {}]),
    ],
)
def test_a_wrong_option_is_one_fault_that_names_it(option: str, values: list[object]) -> None:
    for value in values:
        (fault,) = faults(**{option: value})
        assert option in fault, value


@pytest.mark.parametrize(
    "cookie",
    [
        {},
        {"NAME": "p13n", "CONSENT_NAME": "p13n-consent", "AGE_DAYS": 400, "DOMAIN": ".shop.example"},
        {"PATH": "/shop/", "SECURE": False, "SAMESITE": "Strict"},
        {"SECURE": True, "SAMESITE": "None"},
        {"NAME": "__Host-who", "SECURE": True},
        {"CONSENT_NAME": "__Secure-choice", "SECURE": True, "PATH": "/shop"},
    ],
)
def test_right_options_pass(cookie: dict[str, object]) -> None:
    with override_settings(PERSONALIZATION={"COOKIE": cookie, "RETENTION_DAYS": None}):
        assert check_settings() == []


@pytest.mark.parametrize(
    "cookie",
    [
        {"SAMESITE": "None"},
        {"SAMESITE": "None", "SECURE": False},
        {"NAME": "__Secure-who"},
        {"NAME": "__Host-who", "SECURE": True, "PATH": "/shop"},
        {"NAME": "__Host-who", "SECURE": True, "DOMAIN": "shop.example"},
    ],
)
def test_what_browsers_would_drop_is_a_fault(cookie: dict[str, object]) -> None:
    (fault,) = faults(**cookie)
    assert "browsers accept" in fault


def test_two_cookies_need_two_names() -> None:
    (fault,) = faults(NAME="who", CONSENT_NAME="who")
    assert "used as NAME too" in fault


def test_every_fault_is_told() -> None:
    assert (
        len(faults(NAME="a b", CONSENT_NAME="", AGE_DAYS=0, PATH="x", DOMAIN=0, SECURE=1, SAMESITE=1, X=1))
        == 8
    )


@override_settings(SESSION_COOKIE_NAME="who")
def test_the_hosts_own_names_are_taken() -> None:
    assert "used as SESSION_COOKIE_NAME too" in faults(NAME="who")[0]
    assert faults(NAME="sessionid") == []
