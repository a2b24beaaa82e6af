"""Every error of the API as a problem document (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = getLogger("personalization")

MEDIA_TYPE: Final = "application/problem+json"
INVALID: Final = "urn:django-personalization:invalid-input"

#: What Django raises while a request is read.
_UNREADABLE = (SuspiciousOperation, UnreadablePostError, MultiPartParserError)

#: The database is away, restarting, full or too busy. Nothing was stored: asking again is right.
_UNAVAILABLE = (OperationalError, InterfaceError)


class TooLargeError(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(_("The request is too large."))


class CrossOriginError(exceptions.PermissionDenied):
    default_code = "cross_origin"

    def __init__(self) -> None:
        super().__init__(_("Only pages of this shop may do this."))


class ConflictError(exceptions.ValidationError):
    """What is asked does not go with what was asked before."""

    status_code = HTTPStatus.CONFLICT

    def __init__(self, field: str, message: str, code: str) -> None:
        super().__init__({field: [exceptions.ErrorDetail(message, code=code)]})


class UnavailableError(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    wait = 1  #: seconds until asking again makes sense

    def __init__(self) -> None:
        super().__init__(_("The service is unavailable at the moment. Please try again."))


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an error; None for one that is ours, which Django then logs and answers."""
    problem = _as_api_exception(error)
    if problem is None:
        return None
    set_rollback()
    return Response(
        _document(problem), status=problem.status_code, headers=_headers(problem), content_type=MEDIA_TYPE
    )


def plain_problem(error: Exception) -> HttpResponse:
    """The same for views that answer without DRF; raises the error again when it is ours."""
    problem = _as_api_exception(error)
    if problem is None:
        raise error
    set_rollback()
    return HttpResponse(
        json.dumps(_document(problem)),
        status=problem.status_code,
        headers=_headers(problem),
        content_type=MEDIA_TYPE,
    )


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, InvalidInputError):
        detail = exceptions.ErrorDetail(error.message, code=error.code)
        return exceptions.ValidationError({error.field: [detail]})
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLargeError()
    if isinstance(error, _UNREADABLE):
        return exceptions.ParseError(_("The request cannot be read."))
    if isinstance(error, _UNAVAILABLE):
        logger.error("the database is unavailable: %s", error)
        return UnavailableError()
    return None


def _document(problem: exceptions.APIException) -> dict[str, Any]:
    invalid = isinstance(problem, exceptions.ValidationError)
    return {
        "type": INVALID if invalid else "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": int(problem.status_code),
        "detail": _("The request has errors.") if invalid else str(problem.detail),
        "errors": list(_errors(problem.detail)) if invalid else [],
    }


def _errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _errors(part, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for part in detail:
            yield from _errors(part, field)
    else:
        yield {"field": field, "message": str(detail), "code": detail.code}


def _headers(problem: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
