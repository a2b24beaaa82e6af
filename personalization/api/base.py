"""What every view of the API is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from django.utils.cache import patch_vary_headers
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.views import APIView

from personalization.api.json_body import JSONNegotiation, PlainJSONRenderer, StrictJSONParser
from personalization.api.problems import problem_response
from personalization.api.same_origin import require_own_page
from personalization.api.throttle import require_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http.response import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.response import Response

    AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)

#: What `personal` adds to an answer that has no headers of its own yet.
PERSONAL_HEADERS: Final = {"Cache-Control": "private, no-store", "Vary": "Cookie"}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiView(APIView):
    """Everything is set here, so that the host's REST_FRAMEWORK defaults do not reach us, nor ours them.

    A write must come from a page of this shop or from its server; a signed-in user's needs the CSRF token as well.
    """

    #: The scopes in THROTTLES that reads and writes count in.
    read_scope: ClassVar[str | None] = None
    write_scope: ClassVar[str | None] = None

    renderer_classes = [PlainJSONRenderer]
    parser_classes = [StrictJSONParser]
    authentication_classes = [SessionAuthentication]
    permission_classes = []
    throttle_classes = []
    content_negotiation_class = JSONNegotiation
    metadata_class = None
    versioning_class = None
    schema = AutoSchema()

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        return problem_response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        safe = request.method in _SAFE
        if not safe:
            require_own_page(request._request)
        scope = self.read_scope if safe else self.write_scope
        if scope is not None:
            require_rate(request._request, scope)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        return personal(super().finalize_response(request, response, *args, **kwargs))


@extend_schema(exclude=True)
class UnknownPathView(ApiView):
    """Below our prefix even a wrong address is answered with a problem document."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


def personal(response: AnyResponse) -> AnyResponse:
    """An answer for one person: no cache may keep it."""
    response["Cache-Control"] = PERSONAL_HEADERS["Cache-Control"]
    if "Vary" in response:
        patch_vary_headers(response, ["Cookie"])
    else:  # the common case, without parsing
        response["Vary"] = "Cookie"
    return response


def current_micros() -> int:
    """Now, in UTC microseconds; the instant that is passed on from here."""
    return time.time_ns() // 1000
