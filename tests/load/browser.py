"""A browser that keeps its cookie and tells an event again, with the same id, until that is acknowledged."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie

from tests.load.fill import sku

EVENTS = "/personalization/v1/events/"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CUT = "cut off"  #: no answer, or half of one
AGAIN = {CUT, 503}


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its browser knows it. ``at``, UTC microseconds, is unlike that of every other: rows are found by it."""

    id: str
    item: str
    at: int

    def document(self):
        seconds, micros = divmod(self.at, 1_000_000)
        time = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
        return {"id": self.id, "kind": "view", "item": self.item, "time": time.isoformat()}


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` may be `CUT`; ``document`` is the JSON of the answer, if it was JSON."""

    status: int | str
    document: object = None
    headers: object = None


def counts(document):
    """The sums in an answer: how many events were stored, duplicates, rejected, dropped."""
    sums = {name: document[name] for name in ("stored", "duplicates", "rejected")}
    return Counter({**sums, "dropped": sum(document["dropped"].values())})


class Browser:
    def __init__(self, port):
        self.port, self.cookies = port, {}
        self.acknowledged: dict[str, Told] = {}
        self.replies, self.verdicts, self.seconds = Counter(), Counter(), []
        self._next = time.time_ns() // 1000 - 3_600_000_000
        self._connection = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    @property
    def key(self):
        """What our cookie signs."""
        return self.cookies["personalization"].rpartition(":")[0]

    def views(self, count):
        """Events that nobody has told yet."""
        fresh = range(self._next, self._next + count)
        self._next += count
        return [Told(str(uuid.uuid4()), sku(at), at) for at in fresh]

    def tell(self, events, *, patience=20.0):
        """Send a batch until it is acknowledged; what came back before that is counted."""
        body = {"events": [event.document() for event in events]}
        deadline = time.monotonic() + patience
        while (reply := self._timed(body)).status in AGAIN:
            assert time.monotonic() < deadline, f"not acknowledged in {patience:g} s: {self.replies}"
            time.sleep(0.05)
        assert reply.status == 202, (reply.status, reply.document)
        self.acknowledged |= {event.id: event for event in events}
        self.verdicts += counts(reply.document)
        return reply

    def post(self, path, body, **headers):
        """One request; a connection is kept as long as it lives."""
        return self.send("POST", path, json.dumps(body), **{"Content-Type": "application/json"}, **headers)

    def send(self, method, path, body=None, **headers):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        own = {"User-Agent": AGENT, "Origin": f"http://127.0.0.1:{self.port}"} | (
            {"Cookie": cookie} if cookie else {}
        )
        try:
            self._connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=15)
            self._connection.request(method, path, body, own | headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self.close()
            return Reply(CUT)
        self._keep(response.headers.get_all("Set-Cookie", ()))
        document = None
        with suppress(ValueError):
            document = json.loads(content)
        return Reply(response.status, document, response.headers)

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _timed(self, body):
        began = time.perf_counter()
        reply = self.post(EVENTS, body)
        self.seconds.append(time.perf_counter() - began)
        self.replies[reply.status] += 1
        return reply

    def _keep(self, set_cookies):
        for line in set_cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.coded_value
