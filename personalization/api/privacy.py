"""Everybody's own data: what was chosen, all of it as a file, and forgetting it. No address and no field here takes
another person's id."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ErrorDetail, NotAuthenticated, ValidationError
from rest_framework.response import Response

from personalization.adapters import get_adapter
from personalization.api.base import ApiView, current_micros
from personalization.api.documentation import documented, problems
from personalization.api.privacy_acts import change_choice, forget
from personalization.api.serializers import (
    ChoiceSerializer,
    ErasedSerializer,
    EraseSerializer,
    NewChoiceSerializer,
)
from personalization.identity.owner import find_owner
from personalization.privacy.choice import state_of
from personalization.privacy.download import download
from personalization.privacy.export import export

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from personalization.engine.types import Identity


class PrivacyView(ApiView):
    write_scope = "privacy"

    @documented(operation_id="choice", responses={200: ChoiceSerializer, **problems(406)})
    def get(self, request: Request) -> Response:
        """Whether the current visitor may be known."""
        return Response(_state(request._request))

    @documented(
        operation_id="choose",
        request=NewChoiceSerializer,
        responses={200: ChoiceSerializer, **problems(400, 403, 406, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Agree to personalization, or refuse it; for a signed-in user that holds in every browser."""
        agreed = _told(request.data, "agreed")
        response = Response()
        change_choice(request._request, response, agreed=agreed, now=current_micros())
        response.data = _state(request._request, agreed=agreed)
        return response


class ExportView(ApiView):
    read_scope = "privacy"

    @documented(
        operation_id="export",
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "Everything that is known."),
            **problems(403, 406, 429),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Everything that is known of the current visitor, as a file."""
        owner, tenant = _owner(request._request)
        return download(request._request, export(owner, tenant=tenant, now=current_micros()))


class EraseView(ApiView):
    write_scope = "privacy"

    @documented(
        operation_id="erase",
        request=EraseSerializer,
        responses={200: ErasedSerializer, **problems(400, 403, 406, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Forget the current visitor, in all their browsers, for good."""
        owner, tenant = _owner(request._request)
        if not _told(request.data, "confirmed"):
            raise ValidationError({"confirmed": [_error(_("Confirm it with true."), "required")]})
        response = Response()
        done = forget(request._request, response, owner, tenant=tenant, now=current_micros())
        response.data = {
            "people": done.people,
            "removed": dict(done.removed),
            "refusal_kept": done.refusals > 0,
        }
        return response


def _owner(request: HttpRequest) -> tuple[Identity, str]:
    tenant = get_adapter().tenant(request)
    owner = find_owner(request, tenant=tenant)
    if owner is None:
        raise NotAuthenticated
    return owner, tenant


def _state(request: HttpRequest, *, agreed: bool | None = None) -> dict[str, Any]:
    tenant = get_adapter().tenant(request)
    owner = find_owner(request, tenant=tenant)
    return asdict(state_of(request, owner, tenant=tenant, just_chosen=agreed))


def _told(body: Any, field: str) -> bool:
    """The one field that the body may have, true or false."""
    if not isinstance(body, dict):
        raise ValidationError({"body": [_error(_("The body must be a JSON object."), "not_object")]})
    faults = {name: [_error(_("There is no such field."), "unknown")] for name in body if name != field}
    if field not in body:
        faults[field] = [_error(_("This field is required."), "required")]
    elif type(body[field]) is not bool:
        faults[field] = [_error(_("This must be true or false."), "not_boolean")]
    if faults:
        raise ValidationError(faults)
    told: bool = body[field]
    return told


def _error(message: str, code: str) -> ErrorDetail:
    return ErrorDetail(message, code=code)
