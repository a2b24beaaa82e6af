"""The right one: items by what somebody says that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.response import Response

from personalization.adapters import get_adapter
from personalization.api.advice_body import read_advice, translated
from personalization.api.advice_serializers import AdviceSerializer, WishSerializer
from personalization.api.base import ApiView
from personalization.api.documentation import documented, problems
from personalization.serving import advise, card_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from personalization.engine.knowledge import Requirement
    from personalization.serving import AdvisedItem, Told


class AdviceView(ApiView):
    write_scope = "advice"

    @documented(
        operation_id="advice",
        request=WishSerializer,
        responses={200: AdviceSerializer, **problems(400, 403, 406, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Items that are as they must and should be, and which musts were given up to find any. Nothing is changed."""
        asked, adapter = request._request, get_adapter()
        tenant, store = adapter.tenant(asked), adapter.store(asked)
        with translated():
            wish, count = read_advice(request.data)
            advice = advise(wish, count=count, tenant=tenant, store=store, request=asked)
        return Response(
            {
                "items": [_item(item) for item in advice.items],
                "total": advice.total,
                "relaxed": _requirements(advice.relaxed),
                "alternatives": [
                    {"dropped": _requirements(each.dropped), "items": each.items}
                    for each in advice.alternatives
                ],
            }
        )


def _item(item: AdvisedItem) -> dict[str, Any]:
    return {
        "item": item.key,
        **card_dict(item.card),
        "score": round(item.score, 6),
        "satisfied": _requirements(item.satisfied),
        "violated": _requirements(item.violated),
    }


def _requirements(told: Iterable[Told]) -> list[dict[str, Any]]:
    return [{**_as_asked(one.requirement), "text": one.text} for one in told]


def _as_asked(requirement: Requirement) -> dict[str, Any]:
    number = requirement.number
    value = list(requirement.texts) if number is None else number
    return {"field": requirement.field, requirement.operator.value: value}
