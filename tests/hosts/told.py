"""What the script in a browser tells."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

EVENTS = "/personalization/v1/events/"


def tell(browser: Client, kind: str, item: str, **fields: Any) -> dict[str, Any]:
    """The verdicts on one event, told from a page of the shop itself."""
    event = {"id": secrets.token_hex(8), "kind": kind, "item": item, **fields}
    response = browser.post(
        EVENTS,
        json.dumps({"events": [event]}),
        content_type="application/json",
        headers={"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"},
    )
    assert response.status_code == 202, response.content
    return response.json()
