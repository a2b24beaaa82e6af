"""What a request about offers says, read strictly; every fault is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from personalization.engine.types import Cart, CartLine
from personalization.identity.headless import is_server
from personalization.promotions.request import MOST_CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    #: field → (its JSON type, whether it must be there)
    Fields = Mapping[str, tuple[type, bool]]

_ASKED: Final[Fields] = {"codes": (list, False)}
#: What a shopper could lie about, or keep from others.
_TOLD: Final[Fields] = {"cart": (dict, False), "email": (str, False)}
_MINUTES: Final[Fields] = {"minutes": (int, False)}
_CART: Final[Fields] = {"currency": (str, True), "lines": (list, True)}
_LINE: Final[Fields] = {
    "item": (str, True),
    "quantity": (str, False),
    "unit_price": (str, False),
    "key": (str, False),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """``cart`` None: the one of the session."""

    codes: tuple[str, ...]
    cart: Cart | None = None
    email: str = ""
    minutes: int | None = None


def read_quote(request: HttpRequest, body: Any) -> Wanted:
    """What is asked of a cart. Only the shop's server says what lies in it, and whose address it is."""
    return _read(body, {**_ASKED, **_TOLD} if is_server(request) else _ASKED)


def read_reserve(request: HttpRequest, body: Any) -> Wanted:
    """The same; the server alone says for how long."""
    return _read(body, {**_ASKED, **_TOLD, **_MINUTES} if is_server(request) else _ASKED)


def _read(body: Any, fields: Fields) -> Wanted:
    checked = read_fields(body, fields)
    codes = checked.get("codes", [])
    if not all(isinstance(code, str) for code in codes):
        raise ValidationError({"codes": [_wrong_type(str)]})
    if len(codes) > MOST_CODES:
        message = _("At most %(limit)d codes are expected here.") % {"limit": MOST_CODES}
        raise ValidationError({"codes": [_error(message, "too_long")]})
    cart = checked.get("cart")
    return Wanted(
        tuple(codes),
        None if cart is None else _cart(cart),
        checked.get("email", ""),
        checked.get("minutes"),
    )


def read_fields(body: Any, fields: Fields, *, within: str = "") -> dict[str, Any]:
    """The body, if it holds these fields with the right JSON types. Raises with every fault."""
    if not isinstance(body, dict):
        message = _("This must be an object.") if within else _("The body must be a JSON object.")
        raise ValidationError({within or "body": [_error(message, "not_object")]})
    place = f"{within}." if within else ""
    faults = {
        f"{place}{name}": [_error(_("There is no such field."), "unknown")]
        for name in body
        if name not in fields
    }
    for name, (json_type, required) in fields.items():
        if name not in body and required:
            faults[f"{place}{name}"] = [_error(_("This field is required."), "required")]
        elif name in body and type(body[name]) is not json_type:
            faults[f"{place}{name}"] = [_wrong_type(json_type)]
    if faults:
        raise ValidationError(faults)
    return body


def _cart(body: Any) -> Cart:
    checked = read_fields(body, _CART, within="cart")
    lines = [read_fields(line, _LINE, within=f"cart.lines.{n}") for n, line in enumerate(checked["lines"])]
    return Cart(tuple([CartLine(**line) for line in lines]), checked["currency"])


def _wrong_type(json_type: type) -> ErrorDetail:
    if json_type is int:
        return _error(_("This must be a whole number."), "not_whole")
    if json_type is str:
        return _error(_("This must be text."), "not_text")
    if json_type is list:
        return _error(_("This must be a list."), "not_list")
    return _error(_("This must be an object."), "not_object")


def _error(message: str, code: str) -> ErrorDetail:
    return ErrorDetail(message, code=code)
