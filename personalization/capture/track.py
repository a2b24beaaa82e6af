"""The shop's code says what somebody did."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from personalization.adapters import get_adapter
from personalization.capture import cell
from personalization.capture.kinds import KINDS
from personalization.capture.known_items import known_items
from personalization.capture.quarantine import Problem
from personalization.capture.tenant import require_tenant
from personalization.engine.ids import is_key, storable
from personalization.engine.types import Happening, Kind
from personalization.exceptions import InvalidInputError
from personalization.privacy.standing import bar, is_closed, standing_of
from personalization.store.events import EventRow, Source, append_events, event_digest, events_database
from personalization.store.transaction import in_transaction
from personalization.store.viewed import View, record_views
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from personalization.engine.types import Identity

STORE_LENGTH: Final = 32
QUERY_LENGTH: Final = 200
#: What the shop's code may say: a search besides the kinds that are about an item.
_TOLD: Final = (*KINDS, Kind.SEARCH)


def happening(
    identity: Identity,
    kind: Kind | str,
    item: object = None,
    *,
    now: int,
    quantity: object = 1,
    unit_price: object = None,
    currency: object = "",
    order: object = "",
    query: object = "",
    client_id: object = "",
    store: object = "",
) -> Happening:
    """What somebody did, checked as far as that can be done without asking a database.

    ``kind`` is a `Kind` or its name, such as ``"view"``; ``item`` a product and ``order`` an order, or their keys;
    ``now`` UTC microseconds. A search has a ``query`` in place of an item. Raises InvalidInputError naming ``kind``, ``identity``, ``item``,
    ``quantity``, ``unit_price``, ``currency``, ``order``, ``query``, ``client_id`` or ``store``.
    """
    said = _kind(kind)
    return Happening(
        kind=said,
        identity=_identity(identity),
        item="" if said == Kind.SEARCH else _item(item),
        occurred_at=now,
        client_id=_text("client_id", client_id, 255),
        quantity=_read("quantity", cell.quantity(_plain(quantity))),
        unit_price=_read("unit_price", cell.optional_price(_plain(unit_price))),
        currency=_read("currency", cell.currency(_plain(currency))),
        order=_text("order", order and get_adapter().order_key(order), cell.ORDER_LENGTH),
        query=_query(query) if said == Kind.SEARCH else "",
        store=_text("store", store, STORE_LENGTH),
    )


def store_happening(happening: Happening, *, tenant: str = "", flags: int = 0, asked: bool = False) -> bool:
    """Store it; False for somebody who refused, was erased, or is a browser whose owner signed out.

    Events of one visitor with the same ``client_id`` are stored once. ``flags``: who did it besides customers;
    ``asked``: a request has agreed that this is stored. Raises InvalidInputError naming ``tenant``, or ``item`` (code
    ``unknown``).
    """
    require_tenant(tenant)
    keys = [happening.item] if happening.item else []
    items = known_items(keys, tenant=tenant, now=happening.occurred_at)
    if len(items) < len(keys):
        raise _unknown()
    work = partial(_store, happening, tenant, items.get(happening.item), flags, asked)
    return in_transaction(work, using=events_database())


def _store(happening: Happening, tenant: str, item: int | None, flags: int, asked: bool) -> bool:  # noqa: FBT001
    now, identity = happening.occurred_at, happening.identity
    standing = standing_of(identity, tenant=tenant)
    if bar(standing, occurred_at=now, asked=asked) or is_closed(identity.kind, standing):
        return False
    visitors = ensure_visitors(identity.kind, [identity.key], tenant=tenant, now=now)
    visitor = visitors[identity.key]
    row = _row(happening, tenant, visitor=visitor, item=item, flags=flags)
    done = append_events([row], tenant=tenant, source=Source.CODE, now=now)
    if done.stored and happening.kind == Kind.VIEW and item is not None and not flags:
        record_views([View(visitor, item, now)], tenant=tenant)
    return True


def _row(happening: Happening, tenant: str, *, visitor: int, item: int | None, flags: int) -> EventRow:
    about = happening.query if item is None else item
    own_id = f"track:{int(happening.kind)}:{about}:{happening.occurred_at}"
    client_id = f"client:{happening.client_id}" if happening.client_id else own_id
    return EventRow(
        digest=event_digest(tenant=tenant, source=Source.CODE, visitor=visitor, client_id=client_id),
        kind=happening.kind,
        visitor=visitor,
        item=item,
        occurred_at=happening.occurred_at,
        quantity=happening.quantity,
        unit_price=happening.unit_price or None,
        currency=happening.currency,
        order=happening.order,
        query=happening.query,
        store=happening.store,
        flags=flags,
    )


def _kind(kind: Kind | str) -> Kind:
    found = kind if isinstance(kind, Kind) else Kind.__members__.get(str(kind).upper())
    if found not in _TOLD:
        known = ", ".join(kind.name.lower() for kind in _TOLD)
        message = _("%(kind)r cannot be tracked; known: %(known)s") % {"kind": kind, "known": known}
        raise InvalidInputError("kind", message, code="unknown")
    return found


def _identity(identity: Identity) -> Identity:
    if not is_key(identity.key) or identity.key.isspace():
        raise InvalidInputError("identity", _("This cannot be the key of a visitor."))
    return identity


def _item(item: object) -> str:
    key = "" if item is None else get_adapter().key_of(item)
    if not is_key(key):
        raise _unknown()
    return key


def _query(query: object) -> str:
    """What was searched for, in one line; a longer text is cut, as its beginning says enough."""
    text = storable(" ".join(_plain(query).split()))[:QUERY_LENGTH]
    if not text:
        raise InvalidInputError("query", _("A search is about some text."))
    return text


def _plain(value: object) -> str:
    """Shops hand over numbers, decimals and nothing where a text belongs."""
    return "" if value is None else str(value)


def _text(field: str, value: object, length: int) -> str:
    text = _plain(value)
    if len(text) > length or storable(text) != text:
        message = _("The text must have at most %(length)d characters that can be stored.") % {
            "length": length
        }
        raise InvalidInputError(field, message)
    return text


def _read(field: str, value: str | Problem) -> str:
    if isinstance(value, Problem):
        raise InvalidInputError(field, _("This is not acceptable."), code=value.value)
    return value


def _unknown() -> InvalidInputError:
    return InvalidInputError("item", _("There is no such item."), code="unknown")
