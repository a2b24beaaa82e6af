"""Throttles, bots, proxies and keys: each way to get them wrong."""

import pytest
from django.test import override_settings

from personalization.checks import check_settings
from personalization.checks.traffic import BROWSERS
from personalization.identity.traffic import is_bot
from tests.checks.test_settings import ids

KEY = "k" * 32


@pytest.mark.parametrize("key", ["BOT_PATTERNS", "TRUSTED_PROXIES", "SERVER_KEYS"])
@pytest.mark.parametrize("value", [None, "", "abc", 0, -1, {}, {"a"}, 10**12])
def test_lists_must_be_lists(key: str, value: object) -> None:
    expected = {"BOT_PATTERNS": "E023", "TRUSTED_PROXIES": "E024", "SERVER_KEYS": "E025"}
    assert ids({key: value}) == [expected[key]]


@pytest.mark.parametrize("value", [None, "", "1/min", 0, [], ["events"]])
def test_throttles_must_be_a_dict(value: object) -> None:
    assert ids({"THROTTLES": value}) == ["E021"]


@pytest.mark.parametrize(
    "rate",
    [
        "",
        "10",
        "10/",
        "/min",
        "0/min",
        "-1/min",
        "1.5/min",
        "01/min",
        "10/minute",
        "10/MIN",
        " 10/min",
        "10/min\n",
    ],
)
def test_a_rate_is_a_number_and_a_window(rate: str) -> None:
    assert ids({"THROTTLES": {"events": rate}}) == ["E021"]


@pytest.mark.parametrize("rate", [10, True, [], {}, 10.0])
def test_a_rate_is_a_text(rate: object) -> None:
    assert ids({"THROTTLES": {"events": rate}}) == ["E021"]


@pytest.mark.parametrize("rate", [None, "1/sec", "600/min", "7/hour", "999999999/day"])
def test_right_rates_pass(rate: str | None) -> None:
    assert ids({"THROTTLES": dict.fromkeys(["events", "slots", "ratings", "privacy"], rate)}) == []


@pytest.mark.parametrize("pattern", [None, "", "  ", 1, [], "Mozilla", "/5.0 (", "o"])
def test_a_pattern_must_tell_machines_from_browsers(pattern: object) -> None:
    assert ids({"BOT_PATTERNS": [pattern]}) == ["E023"]


def test_right_patterns_pass() -> None:
    assert ids({"BOT_PATTERNS": ("OurMonitor/", "applewebkit/537.36 (khtml, like gecko) chrome/11")}) == []


def test_the_browsers_are_those_of_people() -> None:
    assert not any(is_bot(browser) for browser in BROWSERS)


@pytest.mark.parametrize(
    "proxy",
    [
        None,
        "",
        1,
        [],
        "proxy.example",
        "10.0.0.0/33",
        "0.0.0.0/0",
        "::/0",
        " 0.0.0.0/0",
        "10.0.0.1/0",
        "1.2.3",
    ],
)
def test_a_proxy_is_an_address_or_a_network_but_not_everybody(proxy: object) -> None:
    assert ids({"TRUSTED_PROXIES": [proxy]}) == ["E024"]


def test_right_proxies_pass() -> None:
    assert ids({"TRUSTED_PROXIES": ("10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "::1", "fd00::/8")}) == []


@pytest.mark.parametrize(
    "key", [None, "", 1, "k" * 31, [], b"k" * 32, "k" * 31 + "é", "k k" * 11, KEY + "\n"]
)
def test_a_key_is_a_long_text_that_a_header_can_carry(key: object) -> None:
    assert ids({"SERVER_KEYS": [key]}) == ["E025"]


def test_a_key_stands_once() -> None:
    assert ids({"SERVER_KEYS": [KEY, KEY]}) == ["E025"]


@override_settings(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=["f" * 40])
def test_the_secret_of_the_shop_is_no_key() -> None:
    assert ids({"SERVER_KEYS": [KEY]}) == ["E025"]
    assert ids({"SERVER_KEYS": ["f" * 40]}) == ["E025"]


def test_two_keys_pass_so_that_they_can_be_changed() -> None:
    assert ids({"SERVER_KEYS": [KEY, "n" * 64]}) == []


@pytest.mark.parametrize("keys", ["hunter2-hunter2-hunter2-hunter2-hunter2", ["hunter2"], ["hunter2 " * 5]])
def test_no_message_holds_a_key(keys: object) -> None:
    with override_settings(PERSONALIZATION={"SERVER_KEYS": keys}):
        (message,) = check_settings()
    assert "hunter2" not in f"{message.msg}{message.hint}"
