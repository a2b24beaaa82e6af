"""Whether a page of this very shop sent a request."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from personalization.api.problems import CrossOriginError
from personalization.identity.headless import is_server

if TYPE_CHECKING:
    from django.http import HttpRequest


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a browser says so, or nothing in the request comes from a browser at all.

    ``Sec-Fetch-Site`` is written by the browser alone and needs no knowledge of our own name, which proxies change;
    older browsers send ``Origin`` with every POST, which must name the host that was asked. A request with neither is
    a program's: it carries nobody's cookies but its own.
    """
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.META.get("HTTP_ORIGIN")
    return origin is None or _host(origin) == request.get_host().lower()


def require_own_page(request: HttpRequest) -> None:
    """A request that changes something comes from a page of this shop, or from its own server. Raises."""
    if not is_same_origin(request) and not is_server(request):
        raise CrossOriginError


def _host(origin: str) -> str:
    """The host and port in an origin, as the Host header writes them; '' when there is none (``null``)."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
