"""One object of the events endpoint → what it tells, checked; nothing is asked of the database here."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils.translation import gettext as _

from personalization.capture import cell
from personalization.capture.kinds import KINDS
from personalization.capture.quarantine import Problem
from personalization.engine.instants import to_micros
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: A client's clock is believed within these bounds (microseconds before and after ours).
OLDEST: Final = 24 * 3_600_000_000
AHEAD: Final = 5 * 60_000_000
QUERY_LENGTH: Final = 200

#: What a browser may tell, and what only the shop's server may.
BROWSER_KINDS: Final = {
    kind.name.lower(): int(kind)
    for kind in (
        *(Kind.VIEW, Kind.IMPRESSION, Kind.CLICK, Kind.CART_ADD, Kind.CART_REMOVE),
        *(Kind.WISH, Kind.SEARCH, Kind.HIDE, Kind.SHARE),
    )
}
SERVER_KINDS: Final = BROWSER_KINDS | {kind.name.lower(): int(kind) for kind in KINDS}
#: Kinds that are about an answer of ours, and say which by its token.
MEASURED: Final = frozenset({Kind.IMPRESSION, Kind.CLICK})

#: 8 to 64 characters, not all the same; and a UUID only as RFC 9562 writes it, in lower case: one event, one id.
_ID: Final = re.compile(
    r"(?!([^-])(?:\1|-)*\Z)(?!-*\Z)"
    r"(?!(?=[0-9a-f-]*[A-F])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z)"
    r"[A-Za-z0-9_-]{8,64}\Z"
)
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_SEARCH: Final = int(Kind.SEARCH)
_ALWAYS: Final = frozenset({"id", "kind", "time"})
_MONEY: Final = frozenset({"unit_price", "currency", "order"})
_COUNTED: Final = frozenset({Kind.CART_ADD, Kind.CART_REMOVE, Kind.PURCHASE, Kind.REFUND})
_SOLD: Final = frozenset({Kind.PURCHASE, Kind.REFUND})
#: How many names of unknown fields a verdict repeats, and how much of each.
_NAMES: Final = 20
_NAME_LENGTH: Final = 64


class Told(NamedTuple):
    """An event that is well formed. ``occurred_at``: UTC microseconds; ``clock``: that is our clock's, because the
    client's is wrong."""

    id: str
    kind: int
    item: str
    occurred_at: int
    clock: bool = False
    ignored: tuple[str, ...] = ()
    token: str = ""
    quantity: str = "1"
    unit_price: str | None = None
    currency: str = ""
    order: str = ""
    query: str = ""


def read_row(row: Any, *, kinds: Mapping[str, int], now: int) -> Told:
    """What one object tells; raises InvalidInputError naming its field.

    ``kinds`` is BROWSER_KINDS or SERVER_KINDS: only a server may tell money.
    """
    if type(row) is not dict:
        raise InvalidInputError("", _("An event is a JSON object."), code="not_object")
    identifier = _id(row)
    kind = _kind(row, kinds)
    occurred_at, clock = _instant(row, now)
    fields = _FIELDS[kind]
    ignored = () if row.keys() <= fields else _ignored(row, fields, browser=kinds is BROWSER_KINDS)
    if kind == _SEARCH:
        return Told(identifier, kind, "", occurred_at, clock, ignored, query=_query(row))
    token = _token(row, kind)
    item = "" if kind in MEASURED and not row.get("item") else _item(row)  # a campaign is no item
    told = Told(identifier, kind, item, occurred_at, clock, ignored, token)
    return _counted(told, row) if kind in _COUNTED else told


def _id(row: dict[str, Any]) -> str:
    identifier = row.get("id")
    if type(identifier) is str and _ID.match(identifier):
        return identifier
    if identifier is None:
        raise required("id")
    message = _("An id has 8 to 64 letters, digits, - and _; a UUID is written in lower case.")
    raise InvalidInputError("id", message)


def _kind(row: dict[str, Any], kinds: Mapping[str, int]) -> int:
    name = row.get("kind")
    kind = kinds.get(name) if type(name) is str else None
    if kind is not None:
        return kind
    if name is None:
        raise required("kind")
    if type(name) is str and name in SERVER_KINDS:
        raise InvalidInputError("kind", _("Only the shop's server may tell this."), code="not_allowed")
    known = ", ".join(kinds)
    raise InvalidInputError("kind", _("Known kinds: %(known)s.") % {"known": known}, code="unknown")


def _instant(row: dict[str, Any], now: int) -> tuple[int, bool]:
    """When it happened, and whether that is our clock's word because the client's is not plausible."""
    text = row.get("time")
    if text is None:
        return now, False
    try:
        moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except (TypeError, ValueError):
        moment = None
    if moment is None:
        message = _("A time is written as 2026-01-31T12:00:00.000Z, with its offset.")
        raise InvalidInputError("time", message, code="bad_time")
    micros = to_micros(moment)
    if now - OLDEST <= micros <= now + AHEAD:
        return min(micros, now), False
    return now, True


def _ignored(row: dict[str, Any], fields: frozenset[str], *, browser: bool) -> tuple[str, ...]:
    extra = sorted(row.keys() - fields)
    for name in extra:
        if browser and name in _MONEY:
            raise InvalidInputError(name, _("Only the shop's server may tell this."), code="not_allowed")
    return tuple([name[:_NAME_LENGTH] for name in extra[:_NAMES]])


def _item(row: dict[str, Any]) -> str:
    item = row.get("item")
    if type(item) is str and item:
        return item  # whether it can be a key at all is asked together with whether it is one
    if item is None:
        raise required("item")
    if type(item) is not str:
        raise InvalidInputError("item", _("The key of an item is text."), code="not_text")
    raise unknown_item()


def _token(row: dict[str, Any], kind: int) -> str:
    token = row.get("token")
    if token is None:
        if kind in MEASURED:
            raise required("token")
        return ""
    if type(token) is not str or not token:
        raise bad_token()
    return token


def _query(row: dict[str, Any]) -> str:
    query = row.get("query")
    if query is None:
        raise required("query")
    if type(query) is not str or not query.strip():
        raise InvalidInputError("query", _("What was searched for is text."), code="not_text")
    return _read("query", cell.phrase(query, QUERY_LENGTH))


def _counted(told: Told, row: dict[str, Any]) -> Told:
    """The same with how many, and for what is sold, with its price."""
    quantity = _number("quantity", row, cell.quantity, "1")
    if told.kind not in _SOLD:
        return told._replace(quantity=quantity)
    return told._replace(
        quantity=quantity,
        unit_price=_number("unit_price", row, cell.price, None),
        currency=_text("currency", row, cell.currency),
        order=_text("order", row, cell.order),
    )


def _number(
    field: str, row: dict[str, Any], read: Callable[[str], str | Problem], default: str | None
) -> Any:
    """A plain decimal, as text or as a whole number: what JSON makes of 0.1 depends on who reads it."""
    value = row.get(field)
    if value is None:
        return default
    if type(value) is int:
        value = str(value)
    return _text(field, {field: value}, read)


def _text(field: str, row: dict[str, Any], read: Callable[[str], str | Problem]) -> str:
    value = row.get(field, "")
    if type(value) is not str:
        raise InvalidInputError(field, _("This must be text."), code="not_text")
    return _read(field, read(value))


def _read(field: str, value: str | Problem) -> str:
    if isinstance(value, Problem):
        raise InvalidInputError(field, _("This is not acceptable."), code=value.value)
    return value


def unknown_item() -> InvalidInputError:
    return InvalidInputError("item", _("There is no such item."), code="unknown")


def bad_token() -> InvalidInputError:
    """One text, whatever is wrong: a token explains itself to us alone."""
    message = _("The token of the answer that showed this item is expected.")
    return InvalidInputError("token", message, code="token")


def required(field: str) -> InvalidInputError:
    return InvalidInputError(field, _("This field is required."), code="required")


def _fields(kind: int) -> frozenset[str]:
    if kind == Kind.SEARCH:
        return _ALWAYS | {"query"}
    counted = {"quantity"} if kind in _COUNTED else frozenset()
    return _ALWAYS | {"item", "token"} | counted | (_MONEY if kind in _SOLD else frozenset())


_FIELDS: Final = {kind: _fields(kind) for kind in SERVER_KINDS.values()}
