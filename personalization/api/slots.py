"""What to recommend to the current visitor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from personalization import campaigns
from personalization.adapters import get_adapter
from personalization.api.base import PERSONAL_HEADERS, ApiView, current_micros, personal
from personalization.api.documentation import COUNT, EXCLUDE, ITEM, ITEM_IN_PATH, documented, problems
from personalization.api.json_body import accepts_json
from personalization.api.problems import plain_problem
from personalization.api.serializers import AnswerSerializer
from personalization.api.throttle import require_rate
from personalization.engine.ids import is_key
from personalization.engine.types import Query
from personalization.exceptions import InvalidInputError
from personalization.identity.resolve import find_identity
from personalization.serving import MOST_ITEMS, SlotKind, get_slot, recommend_json

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

MAX_KEYS: Final = 100
HEADERS: Final = {"Content-Type": "application/json", **PERSONAL_HEADERS}


class AnswerView(ApiView):
    """A plain GET is answered without DRF's wrapping, which would cost as much as the answer; other requests go
    through DRF."""

    read_scope = "slots"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "GET" or not accepts_json(request.META.get("HTTP_ACCEPT", "")):
            return super().dispatch(request, *args, **kwargs)
        try:
            require_rate(request, self.read_scope)
            return self.answer(request, *kwargs.values())
        except Exception as error:  # noqa: BLE001 - what has no answer is raised again
            return personal(plain_problem(error))

    def answer(self, request: HttpRequest, value: str) -> HttpResponse:
        """The answer to what stands in the address."""
        raise NotImplementedError


class SlotView(AnswerView):
    @documented(
        operation_id="slot",
        parameters=[ITEM, COUNT, EXCLUDE],
        responses={200: AnswerSerializer, **problems(400, 404, 406, 429)},
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """What a slot of the page shows to the current visitor."""
        return self.answer(request._request, name)

    def answer(self, request: HttpRequest, value: str) -> HttpResponse:
        try:
            get_slot(value)
        except InvalidInputError as error:
            raise NotFound from error
        return _answer(request, value, _keys(request, "item"))


class SimilarView(AnswerView):
    @documented(
        operation_id="similar",
        parameters=[ITEM_IN_PATH, COUNT, EXCLUDE],
        responses={200: AnswerSerializer, **problems(400, 404, 406, 429)},
    )
    def get(self, request: Request, item: str) -> HttpResponse:
        """Items that go with this one."""
        return self.answer(request._request, item)

    def answer(self, request: HttpRequest, value: str) -> HttpResponse:
        if not is_key(value):
            raise NotFound
        return _answer(request, "similar", (value,))


def _answer(request: HttpRequest, slot: str, items: tuple[str, ...]) -> HttpResponse:
    adapter = get_adapter()
    query = Query(
        slot=slot,
        now=current_micros(),
        count=_count(request),
        identity=find_identity(request),
        items=items,
        exclude=frozenset(_keys(request, "exclude")),
        tenant=adapter.tenant(request),
        store=adapter.store(request),
    )
    return HttpResponse(_json(query, request), headers=HEADERS)


def _json(query: Query, request: HttpRequest) -> bytes | str:
    if get_slot(query.slot).kind == SlotKind.CAMPAIGN:
        return json.dumps(campaigns.campaign_dict(campaigns.show(query, request=request)))
    return recommend_json(query, request=request)


def _keys(request: HttpRequest, name: str) -> tuple[str, ...]:
    keys = tuple(request.GET.getlist(name))
    if len(keys) > MAX_KEYS or not all(map(is_key, keys)):
        message = _("At most %(limit)d keys of items are expected here.") % {"limit": MAX_KEYS}
        raise InvalidInputError(name, message, code="invalid")
    return keys


def _count(request: HttpRequest) -> int | None:
    text = request.GET.get("count")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_ITEMS):
        message = _("The count is a whole number from 1 to %(limit)d.") % {"limit": MOST_ITEMS}
        raise InvalidInputError("count", message, code="out_of_range")
    return int(text)
