"""Ratings of the current visitor. No address and no field here takes another person's id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotAuthenticated, NotFound, ValidationError
from rest_framework.response import Response

from personalization.adapters import get_adapter
from personalization.api.base import ApiView, current_micros
from personalization.api.documentation import ITEM_IN_PATH, documented, problems
from personalization.api.serializers import NewRatingSerializer, RatingSerializer
from personalization.capture.rate import rate
from personalization.engine.ids import is_key
from personalization.identity.resolve import find_identity
from personalization.store.ratings import StoredRating, delete_rating, find_rating
from personalization.store.visitors import find_visitor

if TYPE_CHECKING:
    from rest_framework.request import Request

    from personalization.engine.types import Identity

#: field → (its JSON type, whether it must be there)
_FIELDS: Final[dict[str, tuple[type, bool]]] = {
    "item": (str, True),
    "value": (int, True),
    "text": (str, False),
}


class RatingsView(ApiView):
    write_scope = "ratings"

    @documented(
        operation_id="rate",
        request=NewRatingSerializer,
        responses={200: RatingSerializer, **problems(400, 403, 406, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Rate an item, or change the rating that was given before. A write needs the CSRF token."""
        identity = _known(request)
        fields = _checked(request.data)
        adapter = get_adapter()
        stored = rate(
            identity,
            fields["item"],
            fields["value"],
            text=fields.get("text", ""),
            tenant=adapter.tenant(request._request),
            store=adapter.store(request._request),
            now=current_micros(),
        )
        return Response(_document(stored))


class RatingView(ApiView):
    write_scope = "ratings"

    @documented(
        operation_id="own_rating",
        parameters=[ITEM_IN_PATH],
        responses={200: RatingSerializer, **problems(403, 404, 406, 429)},
    )
    def get(self, request: Request, item: str) -> Response:
        """The current visitor's rating of an item."""
        tenant, visitor = _visitor(request, item)
        stored = find_rating(visitor, item, tenant=tenant)
        if stored is None:
            raise NotFound
        return Response(_document(stored))

    @documented(
        operation_id="take_rating_back",
        parameters=[ITEM_IN_PATH],
        responses={204: None, **problems(403, 404, 406, 429)},
    )
    def delete(self, request: Request, item: str) -> Response:
        """Take the current visitor's rating of an item back. A write needs the CSRF token."""
        tenant, visitor = _visitor(request, item)
        if not delete_rating(visitor, item, tenant=tenant):
            raise NotFound
        return Response(status=204)


def _visitor(request: Request, item: str) -> tuple[str, int]:
    """The tenant and the visitor of this request; 404 when there can be no rating."""
    tenant = get_adapter().tenant(request._request)
    visitor = find_visitor(_known(request), tenant=tenant) if is_key(item) else None
    if visitor is None:
        raise NotFound
    return tenant, visitor


def _known(request: Request) -> Identity:
    identity = find_identity(request)
    if identity is None:
        raise NotAuthenticated
    return identity


def _checked(body: Any) -> dict[str, Any]:
    """The body, if it holds our fields with the right JSON types; every fault is told at once."""
    if not isinstance(body, dict):
        raise ValidationError({"body": [_error(_("The body must be a JSON object."), "not_object")]})
    faults = {name: [_error(_("There is no such field."), "unknown")] for name in body if name not in _FIELDS}
    for name, (json_type, required) in _FIELDS.items():
        if name not in body and required:
            faults[name] = [_error(_("This field is required."), "required")]
        elif name in body and type(body[name]) is not json_type:
            faults[name] = [_wrong_type(json_type)]
    if faults:
        raise ValidationError(faults)
    return body


def _wrong_type(json_type: type) -> ErrorDetail:
    if json_type is int:
        return _error(_("This must be a whole number."), "not_whole")
    return _error(_("This must be text."), "not_text")


def _error(message: str, code: str) -> ErrorDetail:
    return ErrorDetail(message, code=code)


def _document(rating: StoredRating) -> dict[str, Any]:
    return {
        "item": rating.item,
        "value": rating.value,
        "scale": {"low": rating.low, "high": rating.high},
        "text": rating.text,
        "rated_at": rating.rated_at_text,
    }
