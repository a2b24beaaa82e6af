"""Where a request comes from: what our own proxies say is believed, what the client says is not."""

from typing import Any

import pytest
from django.test import RequestFactory

from personalization.identity.address import client_address, network_of
from tests.goods import GOODS

PROXIES = ["10.0.0.0/8", "2001:db8::1", "192.0.2.7"]


def address(forwarded: str | None = None, *, remote: str = "10.0.0.1") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.fixture
def _proxies(settings: Any) -> None:
    settings.PERSONALIZATION = GOODS | {"TRUSTED_PROXIES": PROXIES}


@pytest.mark.parametrize("forwarded", [None, "", "198.51.100.7", "evil"])
def test_without_proxies_nothing_is_believed(forwarded: str | None) -> None:
    assert address(forwarded, remote="203.0.113.9") == "203.0.113.9"


@pytest.mark.usefixtures("_proxies")
@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9, 10.2.3.4, 192.0.2.7", "203.0.113.9"),
        ("evil, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:5678", "203.0.113.9"),
        ("2001:db8::99", "2001:db8::99"),
        ("[2001:db8::99]:443", "2001:db8::99"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 2001:db8::1", "203.0.113.9"),
        # nothing that can be believed: the nearest
        (None, "10.0.0.1"),
        ("", "10.0.0.1"),
        ("1.2.3.4, evil", "10.0.0.1"),
        ("1.2.3.4, ", "10.0.0.1"),
        ("10.0.0.5, 10.0.0.6", "10.0.0.1"),
        ("1.2.3.999", "10.0.0.1"),
        ("'; DROP TABLE", "10.0.0.1"),
        (",".join(["10.0.0.2"] * 10_000), "10.0.0.1"),
    ],
)
def test_the_first_address_from_the_right_that_is_no_proxy(forwarded: str | None, found: str) -> None:
    assert address(forwarded) == found


@pytest.mark.usefixtures("_proxies")
def test_a_stranger_cannot_say_who_it_is() -> None:
    assert address("1.2.3.4", remote="203.0.113.9") == "203.0.113.9"


@pytest.mark.usefixtures("_proxies")
def test_behind_a_local_socket_there_is_only_what_the_proxy_says() -> None:
    assert address("203.0.113.9", remote="") == "203.0.113.9"
    assert address(None, remote="") == ""


def test_a_local_socket_without_proxies() -> None:
    assert address("203.0.113.9", remote="") == ""


def test_what_is_no_proxy_is_left_out(settings: Any) -> None:
    settings.PERSONALIZATION = GOODS | {"TRUSTED_PROXIES": ["nonsense", "10.0.0.1"]}
    assert address("203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_a_line_of_ipv6_is_one_caller(text: str, network: str) -> None:
    assert network_of(text) == network
