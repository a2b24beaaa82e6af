"""A request to the events endpoint → its rows."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType

from personalization.api.json_body import parse_json, read_body
from personalization.api.problems import TooLargeError
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Limits of a batch, and of one event in it, in bytes of JSON.
MOST_EVENTS: Final = 500
MOST_BYTES: Final = 500_000
MOST_BYTES_EACH: Final = 32_000

_CHARSETS: Final = frozenset({"", "utf-8", "utf8"})


def read_events(request: HttpRequest) -> list[Any]:
    """The objects of ``{"events": […]}``, of whatever type. Nothing compressed, nothing that is no JSON, no more than
    the limits."""
    _require_json(request)
    content = read_body(cast("IO[bytes]", request), MOST_BYTES)
    body = parse_json(content)
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or not events:
        message = _('A list of events is expected: {"events": [{"id": …, "kind": …, "item": …}]}.')
        raise InvalidInputError("events", message, code="required")
    if len(events) > MOST_EVENTS:
        raise TooLargeError
    # No event is larger than its batch: seldom must they be measured, which costs as much as reading them.
    if len(content) > MOST_BYTES_EACH and any(map(_is_too_large, events)):
        raise TooLargeError
    return events


def _require_json(request: HttpRequest) -> None:
    parameters = request.content_params or {}
    charset = parameters.get("charset", "").lower()
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").lower()
    if request.content_type != "application/json" or charset not in _CHARSETS:
        raise UnsupportedMediaType(request.META.get("CONTENT_TYPE", ""))
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType(encoding)


def _is_too_large(event: Any) -> bool:
    return len(json.dumps(event, ensure_ascii=False).encode(errors="replace")) > MOST_BYTES_EACH
