"""What we hold of a person, as a download that flows: neither it nor a file of it ever lies in memory or on a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse

from personalization.privacy.export import FILENAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from django.http import HttpRequest

_PIECE: Final = 64 * 1024


def download(request: HttpRequest, pieces: Iterable[str]) -> StreamingHttpResponse:
    """The pieces of an export as an answer, on WSGI and on ASGI."""
    large = _joined(pieces)
    answer = StreamingHttpResponse(
        _awaited(large) if isinstance(request, ASGIRequest) else large, content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="{FILENAME}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _joined(pieces: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, b""))
    while piece := await following():
        yield piece
