"""What carts get from promotions, from the quote to the order and back. A shopper asks for the cart of the session; what
turns into money is for the shop's server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotAuthenticated, ValidationError
from rest_framework.response import Response

from personalization.adapters import get_adapter
from personalization.api.base import ApiView
from personalization.api.documentation import IDEMPOTENCY_KEY, documented, problems
from personalization.api.offer_body import read_fields, read_quote, read_reserve
from personalization.api.offer_serializers import (
    CartOffersSerializer,
    HeldSerializer,
    OfferResultSerializer,
    QuoteSerializer,
    RedeemSerializer,
    ReleasedSerializer,
    ReleaseSerializer,
    ReserveSerializer,
)
from personalization.api.problems import ConflictError
from personalization.api.throttle import give_back_rate, require_rate
from personalization.engine.ids import is_key
from personalization.engine.instants import from_micros
from personalization.engine.promotions import RefusalCode
from personalization.identity.headless import is_server
from personalization.promotions.reserve import MINUTES
from personalization.promotions.result import LedgerCode
from personalization.shortcuts import quote, redeem, release, release_order, reserve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from rest_framework.request import Request

    from personalization.promotions.result import Held
    from personalization.shortcuts import CartOffers, OfferResult, RefusedOffer

KEY: Final = "Idempotency-Key"
_SCOPE: Final = "offers"


class QuoteView(ApiView):
    @documented(
        operation_id="quote",
        request=QuoteSerializer,
        responses={200: CartOffersSerializer, **problems(400, 403, 406, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """What the cart would get. Nothing is changed, and nothing held."""
        asked = request._request
        wanted = read_quote(asked, request.data)
        counted = _count_codes(asked, wanted.codes)
        offers = quote(asked, codes=wanted.codes, cart=wanted.cart, email=wanted.email)
        _forgive_codes(counted, offers.refused)
        return Response(_offers(offers))


class ReserveView(ApiView):
    write_scope = _SCOPE

    @documented(
        operation_id="reserve",
        request=ReserveSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: OfferResultSerializer, **problems(400, 403, 406, 409, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Hold what the cart gets for some minutes. The same key and body again get the same answer."""
        asked = request._request
        wanted = read_reserve(asked, request.data)
        counted = _count_codes(asked, wanted.codes)
        result = reserve(
            asked,
            key=_key(asked),
            codes=wanted.codes,
            cart=wanted.cart,
            email=wanted.email,
            minutes=MINUTES if wanted.minutes is None else wanted.minutes,
        )
        _forgive_codes(counted, result.refused)
        return Response(_result(result, KEY))


class RedeemView(ApiView):
    @documented(
        operation_id="redeem",
        request=RedeemSerializer,
        responses={200: HeldSerializer, **problems(400, 403, 406, 409, 413, 415, 503)},
    )
    def post(self, request: Request) -> Response:
        """Make what was reserved the order's. For the shop's server; the same call again gets the same answer."""
        tenant = _server(request)
        body = read_fields(request.data, {"key": (str, True), "order": (str, True)})
        result = redeem(body["key"], order=body["order"], tenant=tenant)
        return Response(_result(result, "key")["held"])


class ReleaseView(ApiView):
    @documented(
        operation_id="release",
        request=ReleaseSerializer,
        responses={200: ReleasedSerializer, **problems(400, 403, 406, 409, 413, 415, 503)},
    )
    def post(self, request: Request) -> Response:
        """Give back what is held under a key, or all that an order has used. For the shop's server; repeating it changes
        nothing."""
        tenant = _server(request)
        body = read_fields(request.data, {"key": (str, False), "order": (str, False)})
        if len(body) != 1:
            raise ValidationError({"key": [ErrorDetail(_("Name a key or an order."), code="required")]})
        if "order" in body:
            released = release_order(body["order"], tenant=tenant)
            return Response({"released": [_held(one) for one in released]})
        result = release(body["key"], tenant=tenant)
        return Response({"released": [_result(result, "key")["held"]]})


def _server(request: Request) -> str:
    """The tenant that the shop's server speaks for; nobody else may go on."""
    asked = request._request
    if not is_server(asked):
        raise NotAuthenticated
    return get_adapter().tenant(asked)


def _key(request: HttpRequest) -> str:
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not (is_key(key) and key.isascii() and key.isprintable()):
        message = _("Send a key of up to 255 printable ASCII characters in this header.")
        raise ValidationError({KEY: [ErrorDetail(message, code="invalid" if key else "required")]})
    return key


def _count_codes(request: HttpRequest, codes: Iterable[str]) -> list[str]:
    """Before anything is said of a code it counts, so that nobody learns more than so many in a window."""
    return [require_rate(request, _SCOPE) for _code in codes]


def _forgive_codes(counted: list[str], refused: Iterable[RefusedOffer]) -> None:
    """Codes that were no guess do not count."""
    wrong = sum([one.reason == RefusalCode.UNKNOWN for one in refused if one.code])
    for counter in counted[wrong:]:
        give_back_rate(counter)


def _offers(offers: CartOffers) -> dict[str, Any]:
    return {
        "currency": offers.currency,
        "subtotal": str(offers.subtotal),
        "discount": str(offers.discount),
        "total": str(offers.total),
        "applied": [
            {
                "promotion": one.promotion,
                "title": one.title,
                "code": one.code,
                "amount": str(one.amount),
                "shares": _shares(one.shares),
            }
            for one in offers.applied
        ],
        "refused": [_refused(one) for one in offers.refused],
    }


def _result(result: OfferResult, field: str) -> dict[str, Any]:
    """What is held; what the ledger refuses is a conflict."""
    for one in result.refused:
        if one.reason in list(LedgerCode):
            raise ConflictError(field, one.text, one.reason)
    held = None if result.held is None else _held(result.held)
    return {"held": held, "refused": [_refused(one) for one in result.refused]}


def _held(held: Held) -> dict[str, Any]:
    return {
        "key": held.key,
        "state": held.state.value,
        "promotion": held.promotion,
        "code": held.code,
        "amount": str(held.amount),
        "currency": held.currency,
        "shares": _shares(held.shares),
        "order": held.order,
        "reserved_until": from_micros(held.reserved_until).isoformat(),
    }


def _shares(shares: Iterable[Any]) -> list[dict[str, str]]:
    return [{"line": one.line, "item": one.item, "amount": str(one.amount)} for one in shares]


def _refused(refused: RefusedOffer) -> dict[str, Any]:
    return {
        "code": refused.code,
        "title": refused.title,
        "reason": refused.reason,
        "text": refused.text,
        "missing": None if refused.missing is None else f"{refused.missing:f}",
        "unit": refused.unit,
    }
