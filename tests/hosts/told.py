"""What the script in a browser tells."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

EVENTS = "/personalization/v1/events/"


def tell(browser: Client, kind: str, item: str, **fields: Any) -> dict[str, Any]:
    """The verdicts on one event."""
    response = post_event(browser, item, kind=kind, id=secrets.token_hex(8), **fields)
    assert response.status_code == 202, response.content
    return response.json()


def post_event(browser: Client, item: str, **fields: Any) -> HttpResponse:
    """Tell an event from a page of the shop itself; the same one, unless it is given an id of its own."""
    event = {"id": "told-again-and-again", "kind": "view", "item": item, **fields}
    return browser.post(
        EVENTS,
        json.dumps({"events": [event]}),
        content_type="application/json",
        headers={"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"},
    )
