"""Events by HTTP: batches of 50 to our endpoint, against a view that creates one row per request.

The reference is what a good Django developer writes for a beacon: a model with the same facts, JSON, the checks that it
cannot do without, ``objects.create`` and 202. Both sides go through the same handler, middleware, database file and
cookies, and store the same events.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler
from django.core.signing import BadSignature
from django.db import IntegrityError, connection, connections, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory, override_settings
from django.urls import include
from django.urls import path as route
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from personalization.engine.types import IdentityKind, ItemRecord, Mode
from personalization.identity.cookie import write_cookie
from personalization.models import Event
from personalization.serving.token import AnswerToken, read_token, sign_answer
from personalization.store.items import IMPORTED, upsert_items
from personalization.store.visitors import ensure_visitors
from tests.benchmarks import Measurement, MissingRequirementError, interleave

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS, BROWSERS, BATCHES, SINGLES, ROUNDS, SEED = 2_000, 100, 20, 300, 9, 13
#: What a browser tells at once: three lists are seen, some of it is opened, little is bought.
LISTS, LIST_LENGTH, CLICKS, VIEWS, CARTS = 3, 12, 3, 8, 3
BATCH = LISTS * LIST_LENGTH + CLICKS + VIEWS + CARTS
KINDS = frozenset(
    {"view", "impression", "click", "cart_add", "cart_remove", "wish", "search", "hide", "share"}
)
#: What a browser sends with a beacon.
HEAD: Final = (
    "POST {path} HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\nContent-Length: {length}\r\n"
    'sec-ch-ua-platform: "Linux"\r\n'
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n"
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"\r\nContent-Type: application/json\r\nsec-ch-ua-mobile: ?0\r\n'
    "Accept: */*\r\nOrigin: http://testserver\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\nReferer: http://testserver/products/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\nCookie: {cookies}\r\n\r\n"
)


class PlainItem(models.Model):
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "ingest_benchmark"

    def __str__(self) -> str:
        return self.key


class PlainEvent(models.Model):
    """What happened, once for each id."""

    event_id = models.CharField(max_length=64, unique=True)
    visitor = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    item = models.ForeignKey(PlainItem, models.CASCADE)
    list = models.CharField(max_length=32, blank=True, default="")
    position = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "ingest_benchmark"
        indexes = [models.Index(fields=["visitor", "created_at"], name="ingest_benchmark_recent")]

    def __str__(self) -> str:
        return self.event_id


@csrf_exempt
@require_POST
def plain(request: HttpRequest) -> HttpResponse:
    try:
        event = json.loads(request.body)
        visitor, kind = request.get_signed_cookie("visitor"), event["kind"]
        if kind not in KINDS:
            return JsonResponse({"error": "unknown kind"}, status=400)
        PlainEvent.objects.create(
            event_id=event["id"],
            visitor=visitor,
            kind=kind,
            item_id=event["item"],
            list=event.get("list", ""),
            position=event.get("position"),
        )
    except (ValueError, KeyError, TypeError, BadSignature, IntegrityError):
        return JsonResponse({"error": "invalid"}, status=400)
    return JsonResponse({"stored": 1}, status=202)


urlpatterns = [route("plain/", plain), route("api/", include("personalization.urls"))]


def measure() -> Measurement:
    if connection.vendor != "sqlite":
        raise MissingRequirementError("this is measured on a SQLite file")
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)):
        shop = Shop()
        shop.tell(5), shop.tell_plain(BATCH)  # what a process does once
        ours, reference = interleave(
            lambda: shop.tell(BATCHES), lambda: shop.tell_plain(SINGLES), rounds=ROUNDS
        )
        shop.check()
    return Measurement(
        ours,
        reference,
        "events/s",
        f"{LISTS} × {LIST_LENGTH} impressions with tokens, {CLICKS} clicks, {VIEWS} views and {CARTS} cart_adds of {ITEMS:,} "
        f"items (seed {SEED}, uniform), by {BROWSERS} browsers with their signed cookies; HTTP bytes in, HTTP bytes out, "
        "through Django's own server class in process, with the demo shop's middleware; SQLite file (WAL, "
        f"synchronous=FULL: acknowledged is on the disk), lasting connection, one commit per request; ours: {BATCH} events per request, throttled, "
        f"every event with a verdict, with answers and view history; reference: one ORM create per request; "
        f"medians of {ROUNDS} rounds",
    )


class Shop:
    """A worker process, and the browsers that tell it of the same things in both ways."""

    def __init__(self) -> None:
        keys = [f"SKU-{number:05}" for number in range(ITEMS)]
        upsert_items([ItemRecord(key) for key in keys], tenant="", origin=IMPORTED, now=1)
        PlainItem.objects.bulk_create([PlainItem(key=key) for key in keys])
        self._pks = {item.key: item.pk for item in PlainItem.objects.all()}
        self._keys, self._server, self._chance = keys, Server(), random.Random(SEED)
        self._cookies = [_cookies_of(f"browser-{number}") for number in range(BROWSERS)]
        ensure_visitors(
            IdentityKind.VISITOR, [f"browser-{number}" for number in range(BROWSERS)], tenant="", now=1
        )
        self.told = self.told_plain = 0

    def tell(self, batches: int) -> float:
        """Events per second of our endpoint."""
        bodies = [{"events": self._batch()} for _ in range(batches)]
        self.told += batches * BATCH
        return batches * BATCH / self._seconds("/api/v1/events/", bodies)

    def tell_plain(self, events: int) -> float:
        """Events per second of the reference, which is told pks, and what a token says in plain words."""
        batches = [self._batch() for _ in range(-(-events // BATCH))]
        bodies = [self._plain(event) for batch in batches for event in batch][:events]
        self.told_plain += events
        return events / self._seconds("/plain/", bodies)

    def check(self) -> None:
        if Event.objects.count() != self.told or PlainEvent.objects.count() != self.told_plain:
            raise AssertionError("both sides must store everything")

    def _batch(self) -> list[dict[str, Any]]:
        lists = [self._chance.sample(self._keys, LIST_LENGTH) for _ in range(LISTS)]
        tokens = [_token(self._id()[:16], items) for items in lists]
        shown = [(token, item) for token, items in zip(tokens, lists, strict=True) for item in items]
        seen = [self._event("impression", item, token=token) for token, item in shown]
        clicks = [
            self._event("click", item, token=token) for token, item in self._chance.sample(shown, CLICKS)
        ]
        views = [self._event("view", item) for item in self._chance.sample(self._keys, VIEWS)]
        carts = [self._event("cart_add", item) for item in self._chance.sample(self._keys, CARTS)]
        return seen + clicks + views + carts

    def _event(self, kind: str, item: str, **more: str) -> dict[str, Any]:
        return {"id": self._id(), "kind": kind, "item": item, **more}

    def _plain(self, event: dict[str, Any]) -> dict[str, Any]:
        told = {"id": event["id"], "kind": event["kind"], "item": self._pks[event["item"]]}
        if "token" not in event:
            return told
        answer = read_token(event["token"])
        return told | {"list": answer.id, "position": answer.items.index(event["item"]) + 1}

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def _seconds(self, path: str, bodies: list[dict[str, Any]]) -> float:
        """Seconds that the requests take, from their first byte to the last of the answer."""
        requests = [self._request(path, body) for body in bodies]
        started = time.perf_counter()
        for request in requests:
            Exchange(request, ("127.0.0.1", 0), self._server)
        spent = time.perf_counter() - started
        if not all(request.answer.startswith(b"HTTP/1.1 202 ") for request in requests):
            raise AssertionError(requests[0].answer)
        return spent

    def _request(self, path: str, body: dict[str, Any]) -> Wire:
        content = json.dumps(body).encode()
        cookies = self._chance.choice(self._cookies)
        return Wire(HEAD.format(path=path, cookies=cookies, length=len(content)).encode() + content)


class Wire:
    """A connection in memory: one request, and what is answered."""

    def __init__(self, request: bytes) -> None:
        self.answer = b""
        self._request = request

    def makefile(self, mode: str, *buffering: int) -> io.BytesIO:
        return io.BytesIO(self._request)

    def sendall(self, content: bytes) -> None:
        self.answer += content

    def shutdown(self, how: int) -> None:
        pass


class Server:
    """What Django's server class asks of its server."""

    multithread = False
    base_environ: Final = {"SERVER_NAME": "testserver", "SERVER_PORT": "80", "SCRIPT_NAME": ""}

    def __init__(self) -> None:
        self._application = WSGIHandler()

    def get_app(self) -> WSGIHandler:
        return self._application


class Exchange(WSGIRequestHandler):
    """One request from its bytes to those of the answer."""

    def log_message(self, *args: object) -> None:
        pass


def _token(identifier: str, items: list[str]) -> str:
    now = time.time_ns() // 1000
    return sign_answer(AnswerToken(identifier, "for_you", Mode.PERSONALIZED, tuple(items), build=1, at=now))


def _cookies_of(key: str) -> str:
    """Our cookie, and the same signed as Django signs a view's own."""
    response = HttpResponse()
    write_cookie(response, RequestFactory().get("/"), key)
    response.set_signed_cookie("visitor", key)
    return "; ".join(f"{name}={morsel.coded_value}" for name, morsel in response.cookies.items())


@contextmanager
def _site(folder: Path) -> Iterator[None]:
    shared = connections["default"].settings_dict
    before = {name: shared[name] for name in ("NAME", "CONN_MAX_AGE", "OPTIONS")}
    connections["default"].close()
    durable = {**shared["OPTIONS"], "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}
    shared |= {"NAME": str(folder / "shop.sqlite3"), "CONN_MAX_AGE": None, "OPTIONS": durable}
    options = {
        "ADAPTER": "personalization.store.catalog.CatalogAdapter",
        "THROTTLES": {"events": "1000000/min"},
    }
    try:
        with override_settings(
            DEBUG=False, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF=__name__, PERSONALIZATION=options
        ):
            call_command("migrate", verbosity=0, stdout=sys.stderr)
            with connection.schema_editor() as editor:
                editor.create_model(PlainItem)
                editor.create_model(PlainEvent)
            yield
    finally:
        connections["default"].close()
        shared |= before
