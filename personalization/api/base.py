"""What every view of the API is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.utils.cache import patch_vary_headers
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.views import APIView

from personalization.api.json_body import JSONNegotiation, PlainJSONRenderer, StrictJSONParser
from personalization.api.problems import problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpResponse
    from rest_framework.request import Request
    from rest_framework.response import Response

    AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)

#: What `personal` adds to an answer that has no headers of its own yet.
PERSONAL_HEADERS: Final = {"Cache-Control": "private, no-store", "Vary": "Cookie"}


class ApiView(APIView):
    """Everything is set here, so that the host's REST_FRAMEWORK defaults do not reach us, nor ours them."""

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
