"""Strict JSON in, plain JSON out."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from personalization.api.problems import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rest_framework.request import Request

#: The longest rating is 10,000 characters of at most 12 bytes each, as JSON escapes them.
MAX_BYTES: Final = 256 * 1024

_ACCEPTED: Final = frozenset({"", "*/*", "application/*", "application/json", "application/problem+json"})


class StrictJSONParser(BaseParser):
    """UTF-8 only, one value per key, finite numbers only, and a limit on size and depth."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return parse_json(read_body(stream, MAX_BYTES))


class PlainJSONRenderer(BaseRenderer):
    """What `json.dumps` writes, in ASCII: no text can break the encoding."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else json.dumps(data).encode()


class JSONNegotiation(BaseContentNegotiation):
    """JSON or nothing; neither ``?format=`` nor a suffix changes that, whatever the host's defaults are."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        base = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == base), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if not accepts_json(request.META.get("HTTP_ACCEPT", "")):
            raise NotAcceptable(available_renderers=list(renderers))
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def read_body(stream: IO[bytes], limit: int) -> bytes:
    """A body of at most ``limit`` bytes; no more of it is read than shows that it is larger."""
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise TooLargeError
    return content


def parse_json(content: bytes) -> Any:
    """What a body says, read strictly."""
    try:
        return json.loads(content.decode(), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError as error:
        raise ParseError(_("The JSON is nested too deeply.")) from error
    except ValueError as error:
        raise ParseError(_("The body is not valid JSON in UTF-8.")) from error


def accepts_json(accept: str) -> bool:
    """Whether an Accept header admits JSON."""
    return any(part.partition(";")[0].strip().lower() in _ACCEPTED for part in accept.split(","))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("The JSON names a field twice."))
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
