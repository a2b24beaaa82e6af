"""The ``event`` part of the catalog of bad inputs, sent to the events endpoint.

``product`` is our ``item``, ``event_id`` our ``id``, ``ts`` our ``time``, ``revenue`` our ``unit_price``, ``visitor`` the
header by which a shop's server says whom it speaks for. ``body``, ``headers`` and ``extra field`` cases have a test each.
"""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from personalization.engine.types import Flag, IdentityKind
from personalization.models import Answer, Event, Identity, Item, ViewedItem, Visitor
from tests import goods as shelf
from tests.api.beacons import (
    COOKIE,
    SERVER_KEY,
    URL,
    a_browser,
    errors,
    event,
    send,
    tell,
    tell_as_server,
    verdicts,
)
from tests.bad_inputs.cases import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.live_server_helper import LiveServer

FIELDS = {"product": "item", "event_id": "id", "ts": "time", "revenue": "unit_price", "kind": "kind"}
EMPTY = (Event, Answer, ViewedItem, Visitor, Identity, Item)

#: Bodies that are not JSON for us: what the catalog says → (what is sent, the status).
BODIES: dict[str, tuple[Any, int]] = {
    "<empty>": (b"", 400),
    "null": (b"null", 400),
    '"x"': (b'"x"', 400),
    "5": (b"5", 400),
    "[]": (b"[]", 400),
    "{}": (b"{}", 400),
    "[null]": (b"[null]", 400),
    "[[{}]]": (b"[[{}]]", 400),
    "make:'['*100000": (b"[" * 100_000, 400),
    "make:'{\"a\":'*50000+'1'+'}'*50000": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    '{"a":1,"a":2}': (b'{"a":1,"a":2}', 400),
    '{"a":NaN}': (b'{"a":NaN}', 400),
    '{"a":1}garbage': (b'{"a":1}garbage', 400),
    "make:b'\\xef\\xbb\\xbf{}'": (b"\xef\xbb\xbf{}", 400),
    "make:'{}'.encode('utf-16')": ("{}".encode("utf-16"), 400),
    "make:b'\\xff\\xfe'": (b"\xff\xfe", 400),
    "make: 50 MB body": (b" " * (50 << 20), 413),
    "make: batch of 2501": (json.dumps({"events": [{}] * 2501}).encode(), 413),
}
#: The other cases of `body` and those of `headers` → the test that does them.
TESTS = {
    "make:gzip bomb 1 kB->1 GB with Content-Encoding": "test_a_bomb_is_not_unpacked",
    "make: Content-Length larger than body, hold 30 s": "test_a_body_that_is_cut_off",
    "make: chunked 1 byte/s": "test_a_body_without_a_length",
    "Transfer-Encoding and Content-Length together": "test_two_lengths",
    "content-type text/plain (sendBeacon)": "test_other_types",
    "content-type missing": "test_other_types",
    "content-type multipart without boundary": "test_other_types",
    "charset=klingon": "test_other_types",
    "method GET/PUT/DELETE/TRACE": "test_other_methods",
    "X-HTTP-Method-Override: DELETE": "test_another_method_in_a_header",
    "make: batch with 1 bad row of 50": "test_one_bad_row_of_fifty",
    "Cookie visitor id forged/other visitor": "test_a_forged_cookie",
    "signed visitor cookie with flipped byte": "test_a_flipped_byte",
    "X-Forwarded-For: 1.2.3.4, evil": "test_a_forged_address",
    "UA empty": "test_machines",
    "UA Googlebot": "test_machines",
    "UA HeadlessChrome": "test_machines",
    "Sec-GPC: 1": "test_a_browser_that_refuses",
    "DNT: 1": "test_a_browser_that_refuses",
    "Origin: https://evil.example": "test_another_origin",
    "no consent cookie": "test_no_consent_cookie",
}
#: What the ``extra field`` cases add to an event.
EXTRA = {
    "user_id=1 (other user)": {"user_id": 1},
    "is_staff=true": {"is_staff": True},
    "weight=1000": {"weight": 1000},
    "id": {"visitor_id": 1, "digest": "0" * 32},  # ``id`` is the event's own name here
    "pk": {"pk": 1},
    "created": {"created": "1970-01-01", "created_at": 0, "received_at": 0},
}
#: A server may tell them: they are prices, though no browser's.
PRICES = {"0.001", "100.01"}


def of(field: str) -> list[Any]:
    return [pytest.param(c["value"], id=f"{n}") for n, c in enumerate(cases("event")) if c["field"] == field]


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in EMPTY)


@contextmanager
def soon() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < 1


@pytest.fixture(autouse=True)
def _shop(goods: None, settings: Any) -> None:
    shelf.put("mug")
    settings.PERSONALIZATION = {
        **settings.PERSONALIZATION,
        "SERVER_KEYS": [SERVER_KEY],
        "TRUSTED_PROXIES": ["127.0.0.1"],
    }


@pytest.fixture
def page(db: None) -> Client:
    return a_browser()


def test_every_case_is_mapped() -> None:
    known = Counter(case["field"] for case in cases("event"))
    assert known == {
        "visitor": 47,
        "body": 29,
        "product": 22,
        "revenue": 15,
        "ts": 14,
        "headers": 10,
        "event_id": 8,
        "kind": 7,
        "extra field": 6,
    }
    told = [case["value"] for case in cases("event") if case["field"] in ("body", "headers")]
    assert set(told) == BODIES.keys() | TESTS.keys()
    assert {case["value"] for case in cases("event") if case["field"] == "extra field"} == EXTRA.keys()
    assert all(callable(globals()[name]) for name in TESTS.values())


@pytest.mark.parametrize("field", ["product", "event_id", "kind", "revenue"])
def test_bad_values_are_refused_by_name(page: Client, field: str) -> None:
    name = FIELDS[field]
    for case in of(field):
        with soon():
            bad = event("cart_add") | {name: case.values[0]}
            response = tell(page, bad)
        assert list(errors(response)) == [f"events.0.{name}"], case.values[0]
        assert "<" not in response.content.decode()
        assert nothing_is_stored()


@pytest.mark.parametrize("value", of("revenue"))
def test_prices_of_a_server(db: None, value: str) -> None:
    response = tell_as_server(event("purchase", unit_price=value), personalization_user="anna")
    if value in PRICES:
        assert verdicts(response) == ["stored"]
    else:
        assert list(errors(response)) == ["events.0.unit_price"]
        assert nothing_is_stored()


@pytest.mark.parametrize("value", of("ts"))
def test_bad_times_are_refused_or_not_believed(page: Client, value: Any) -> None:
    with soon():
        response = tell(page, event(time=value))
    if response.status_code == 202:
        assert response.json()["corrected"] == {"clock": 1}
        assert Event.objects.get().occurred_at == Event.objects.get().received_at
    else:
        assert errors(response) == {"events.0.time": "bad_time"}
        assert nothing_is_stored()


@pytest.mark.parametrize("value", of("visitor"))
def test_odd_keys_of_a_server_are_stored_as_they_are_or_refused(db: None, value: str) -> None:
    with soon():
        response = tell_as_server(event(), personalization_visitor=value)
    if response.status_code == 202:
        assert Identity.objects.get().key == value
        assert not response.cookies
    else:
        assert errors(response) == {"identity": "required"}
        assert nothing_is_stored()


@pytest.mark.parametrize("value", of("visitor"))
def test_odd_keys_in_the_body_are_nobodys(page: Client, value: str) -> None:
    response = tell(page, event(visitor=value))
    assert response.json()["verdicts"][0]["ignored"] == ["visitor"]
    assert Identity.objects.get().key != value


@pytest.mark.parametrize("name", EXTRA)
def test_other_fields_are_never_bound(page: Client, name: str) -> None:
    response = tell(page, event(**EXTRA[name]))
    assert response.json()["verdicts"][0]["ignored"] == sorted(EXTRA[name])
    row = Event.objects.get()
    assert (row.flags, str(row.quantity), row.received_at == row.occurred_at) == (0, "1.000", True)
    assert Identity.objects.get().kind == IdentityKind.VISITOR


@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies_are_refused(page: Client, name: str) -> None:
    body, status = BODIES[name]
    with soon():
        response = send(page, body, CONTENT_TYPE="application/json")  # which the client leaves out of nothing
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert nothing_is_stored()


def test_a_bomb_is_not_unpacked(page: Client) -> None:
    body = gzip.compress(b'{"events": []}' + b" " * (64 << 20), compresslevel=1)
    with soon():
        assert send(page, body, headers={"content-encoding": "gzip"}).status_code in (413, 415)


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "multipart/form-data", "application/json; charset=klingon", "é/ü"]
)
def test_other_types(page: Client, kind: str) -> None:
    assert send(page, json.dumps({"events": [event()]}), CONTENT_TYPE=kind).status_code == 415
    assert nothing_is_stored()


@pytest.mark.parametrize("method", ["get", "put", "delete", "trace", "patch", "head"])
def test_other_methods(page: Client, method: str) -> None:
    assert getattr(page, method)(URL).status_code == 405


def test_another_method_in_a_header(page: Client) -> None:
    told = event()
    assert verdicts(tell(page, told, x_http_method_override="DELETE")) == ["stored"]
    assert Event.objects.count() == 1


def test_one_bad_row_of_fifty(page: Client) -> None:
    response = tell(page, *[event(item="mug" if number != 30 else "cup") for number in range(50)])
    assert Counter(verdicts(response)) == {"stored": 49, "item: unknown": 1}
    assert Event.objects.count() == 49


@pytest.mark.parametrize("value", ["somebody", "somebody:c2lnbmF0dXJl", "a" * 5000])
def test_a_forged_cookie(page: Client, value: str) -> None:
    page.cookies[COOKIE] = value
    assert tell(page, event()).json()["corrected"] == {"cookie": 1}
    assert not Identity.objects.filter(key__startswith="somebody").exists()


def test_a_flipped_byte(page: Client) -> None:
    tell(page, event())
    right = page.cookies[COOKIE].value
    flipped = [
        right[:at] + ("A" if right[at] != "A" else "B") + right[at + 1 :] for at in range(0, len(right), 7)
    ]
    for number, value in enumerate(flipped, 2):
        page.cookies[COOKIE] = value
        assert tell(page, event()).json()["corrected"] == {"cookie": 1}
        assert Visitor.objects.count() == number


def test_a_forged_address(page: Client, settings: Any) -> None:
    """The address only counts requests, and what a client makes up is not counted as somebody else's."""
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "THROTTLES": {"events": "1/min"}}
    first = tell(page, event(), x_forwarded_for="1.2.3.4, evil")
    second = tell(page, event(), x_forwarded_for="5.6.7.8, evil")
    assert (first.status_code, second.status_code) == (202, 429)


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0 (compatible; Googlebot/2.1)", "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0"],
)
def test_machines(page: Client, agent: str) -> None:
    assert verdicts(tell(page, event(), user_agent=agent)) == ["stored"]
    assert Event.objects.get().flags == Flag.BOT
    assert not ViewedItem.objects.exists()


@pytest.mark.parametrize("header", [{"sec_gpc": "1"}, {"dnt": "1"}])
def test_a_browser_that_refuses(page: Client, header: dict[str, str]) -> None:
    response = tell(page, event(), **header)
    assert response.json()["dropped"] == {"no_consent": 1}
    assert not response.cookies
    assert nothing_is_stored()


def test_another_origin(page: Client) -> None:
    assert tell(page, event(), origin="https://evil.example").status_code == 403
    assert nothing_is_stored()


def test_no_consent_cookie(page: Client, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    assert tell(page, event()).json()["dropped"] == {"no_consent": 1}
    assert nothing_is_stored()


# Over a socket, with Django's own server; tests/load does the same to a real gunicorn, with more and for longer.


class Line:
    """A connection to the shop on which a request to the endpoint has begun."""

    def __init__(self, shop: LiveServer, *headers: str, body: bytes = b"") -> None:
        self._socket = socket.create_connection((shop.thread.host, shop.thread.port), timeout=5)
        own = (
            f"POST {URL} HTTP/1.1",
            f"Host: {shop.thread.host}",
            "Content-Type: application/json",
            "Connection: close",
        )
        self.send("\r\n".join([*own, *headers, "", ""]).encode() + body)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._socket.close()

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def statuses(self) -> list[int]:
        """The status of everything that is answered once nothing more comes."""
        with suppress(OSError):  # it has heard enough, and its answer lies here
            self._socket.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := self._socket.recv(65_536):
            answer += piece
        return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def test_a_body_that_is_cut_off(live_server: LiveServer, page: Client) -> None:
    with Line(live_server, "Content-Length: 1000", body=b'{"events": [') as held:
        with soon(), Line(live_server, "Content-Length: 2", body=b"{}") as other:
            assert other.statuses() == [400]
        assert held.statuses() == [400]
    assert nothing_is_stored()


def test_a_body_without_a_length(live_server: LiveServer, page: Client) -> None:
    with Line(live_server, "Transfer-Encoding: chunked") as slow:
        slow.send(b"1\r\n[\r\n")
        with soon(), Line(live_server, "Content-Length: 2", body=b"{}") as other:
            assert other.statuses() == [400]
        assert slow.statuses() == [400]
    assert nothing_is_stored()


def test_two_lengths(live_server: LiveServer, page: Client) -> None:
    """What one reader takes for the body is a second request for another: it is not acted upon."""
    second = f"POST {URL} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    with Line(
        live_server, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + second
    ) as line:
        assert line.statuses() == [400]
    assert nothing_is_stored()
