"""The shop's code says what somebody did."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import connections, transaction
from django.utils.translation import gettext as _

from personalization.adapters import get_adapter
from personalization.capture import cell
from personalization.capture.kinds import KINDS
from personalization.capture.quarantine import Problem
from personalization.capture.tenant import require_tenant
from personalization.engine.ids import is_key, storable
from personalization.engine.types import Happening, Kind
from personalization.exceptions import InvalidInputError
from personalization.store.events import EventRow, Source, append_events, event_digest, events_database
from personalization.store.items import intern_items, item_ids
from personalization.store.transaction import in_transaction
from personalization.store.viewed import View, record_views
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from decimal import Decimal

    from personalization.engine.types import Identity

STORE_LENGTH: Final = 32


def track(
    identity: Identity,
    kind: Kind | str,
    item: object,
    *,
    now: int,
    tenant: str = "",
    store: str = "",
    quantity: int | str | Decimal = 1,
    unit_price: str | Decimal = "",
    currency: str = "",
    order: str = "",
    client_id: str = "",
) -> None:
    """Store that somebody did something with an item: ``kind`` is a `Kind` or its name, such as ``"view"``.

    ``item`` is a product or its key, ``now`` UTC microseconds; events of one visitor with the same ``client_id`` are
    stored once. Inside a transaction of the caller nothing is written before it commits. Raises InvalidInputError
    naming ``kind``, ``identity``, ``item`` (code ``unknown``), ``quantity``, ``unit_price``, ``currency``, ``order``,
    ``client_id``, ``store`` or ``tenant``; nothing is stored then.
    """
    require_tenant(tenant)
    happening = Happening(
        kind=_kind(kind),
        identity=_identity(identity),
        item=get_adapter().key_of(item),
        occurred_at=now,
        client_id=_text("client_id", client_id, 255),
        quantity=_read("quantity", cell.quantity(str(quantity))),
        unit_price=_read("unit_price", cell.optional_price(str(unit_price))),
        currency=_read("currency", cell.currency(currency)),
        order=_text("order", order, cell.ORDER_LENGTH),
        store=_text("store", store, STORE_LENGTH),
    )
    _require_item(happening.item, tenant)

    def write() -> None:  # a function, because Django's log of a failed hook needs its name
        in_transaction(partial(_store, happening, tenant), using=events_database())

    if connections[events_database()].in_atomic_block:
        transaction.on_commit(write, using=events_database(), robust=True)
    else:
        write()


def _store(happening: Happening, tenant: str) -> None:
    now, identity = happening.occurred_at, happening.identity
    items = intern_items([happening.item], tenant=tenant, now=now)
    if happening.item not in items:
        raise _unknown()  # it was there when the caller asked and is gone at the commit
    visitors = ensure_visitors(identity.kind, [identity.key], tenant=tenant, now=now)
    visitor, item = visitors[identity.key], items[happening.item]
    row = _row(happening, tenant, visitor=visitor, item=item)
    done = append_events([row], tenant=tenant, source=Source.CODE, now=now)
    if done.stored and happening.kind == Kind.VIEW:
        record_views([View(visitor, item, now)], tenant=tenant)


def _row(happening: Happening, tenant: str, *, visitor: int, item: int) -> EventRow:
    own_id = f"track:{int(happening.kind)}:{item}:{happening.occurred_at}"
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
        store=happening.store,
    )


def _require_item(key: str, tenant: str) -> None:
    """Say at once that an item is unknown, by reading alone: the caller's transaction may still be open."""
    if not is_key(key):
        raise _unknown()
    # In a savepoint: a SELECT that fails would otherwise spoil the caller's transaction on PostgreSQL.
    with transaction.atomic(using=events_database()):
        if not item_ids([key], tenant=tenant) and not get_adapter().find_items([key], tenant):
            raise _unknown()


def _kind(kind: Kind | str) -> Kind:
    found = kind if isinstance(kind, Kind) else Kind.__members__.get(str(kind).upper())
    if found not in KINDS:
        known = ", ".join(kind.name.lower() for kind in KINDS)
        message = _("%(kind)r cannot be tracked; known: %(known)s") % {"kind": kind, "known": known}
        raise InvalidInputError("kind", message, code="unknown")
    return found


def _identity(identity: Identity) -> Identity:
    if not is_key(identity.key) or identity.key.isspace():
        raise InvalidInputError("identity", _("This cannot be the key of a visitor."))
    return identity


def _text(field: str, text: str, length: int) -> str:
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
