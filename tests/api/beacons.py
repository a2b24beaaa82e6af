"""What pages and servers send to the events endpoint."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.test import Client

from personalization.engine.types import IdentityKind, Kind, Mode
from personalization.models import Event
from personalization.models import Identity as IdentityRow
from personalization.serving.token import AnswerToken, sign_answer

if TYPE_CHECKING:
    from django.http import HttpResponse

URL: Final = "/personalization/v1/events/"
FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SERVER_KEY: Final = "s" * 40
COOKIE: Final = "personalization"


def new_id() -> str:
    return str(uuid.uuid4())


def event(kind: str = "view", item: Any = "mug", **fields: Any) -> dict[str, Any]:
    """An event with an id of its own; a field that is None is left out."""
    fields = {"id": new_id(), "kind": kind, "item": item, **fields}
    return {name: value for name, value in fields.items() if value is not None}


def a_browser(**options: Any) -> Client:
    return Client(headers={"user-agent": FIREFOX, "origin": "http://testserver"}, **options)


def tell(client: Client, *events: Any, **headers: str) -> HttpResponse:
    """One batch; headers by name, with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(client, json.dumps({"events": events}), headers=named)


def tell_as_server(*events: Any, **headers: str) -> HttpResponse:
    """By the shop's server, which sends neither cookies nor an origin."""
    return tell(Client(), *events, authorization=f"Bearer {SERVER_KEY}", **headers)


def send(client: Client, body: str | bytes, content_type: str = "application/json", **options: Any) -> Any:
    return client.post(URL, body, content_type=content_type, **options)


def verdicts(response: Any) -> list[str]:
    """What became of each event, in a word; why, where it was dropped or rejected."""
    assert response.status_code == 202, response.content
    return [_word(verdict) for verdict in response.json()["verdicts"]]


def errors(response: Any) -> dict[str, str]:
    """Field → code of a problem document."""
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def _word(verdict: dict[str, Any]) -> str:
    if verdict["verdict"] == "rejected":
        return f"{verdict['field']}: {verdict['code']}"
    return str(verdict.get("reason", verdict["verdict"]))


def token(*items: str, age: timedelta = timedelta(minutes=1), **fields: Any) -> str:
    at = time.time_ns() // 1000 - age // timedelta(microseconds=1)
    answer = AnswerToken(
        "answer-1", "for_you", Mode.PERSONALIZED, items, build=7, arm="personal", propensity=0.9, at=at
    )
    return sign_answer(replace(answer, **fields))


def stored() -> list[tuple[str, str | None]]:
    """Kind and item of every row, in the order in which they were told."""
    rows = Event.objects.order_by("pk").values_list("kind", "item__key")
    return [(Kind(kind).name.lower(), item) for kind, item in rows]


def the_key() -> str:
    return IdentityRow.objects.get(kind=IdentityKind.VISITOR).key
