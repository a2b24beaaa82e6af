"""What happened, appended once however often it is told."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from django.db import router

from personalization.engine import ids
from personalization.models import Event
from personalization.store.bulk import batches, insert_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from personalization.store.bulk import Scalar

Source = Event.Source

LOOKUP: Final = 500
_COLUMN: Final = {"visitor": "visitor_id", "item": "item_id"}


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as its row holds it: ids, numbers as text, the instant in UTC microseconds."""

    digest: bytes
    kind: int
    visitor: int
    item: int | None
    occurred_at: int
    quantity: str = "1"
    unit_price: str | None = None
    currency: str = ""
    profit: str | None = None
    order: str = ""
    query: str = ""
    recommendation: str = ""
    position: int | None = None
    store: str = ""
    flags: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """Many events of one kind, as parallel columns: what an import makes."""

    digests: Sequence[bytes]
    visitors: Sequence[int]
    items: Sequence[int | None]
    occurred_at: Sequence[int]
    quantities: Sequence[str]
    unit_prices: Sequence[str | None]
    orders: Sequence[str]
    flags: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class ToldColumns:
    """Events of several kinds that one visitor tells at once, as parallel columns."""

    digests: Sequence[bytes]
    kinds: Sequence[int]
    items: Sequence[int | None]
    occurred_at: Sequence[int]
    quantities: Sequence[str]
    unit_prices: Sequence[str | None]
    currencies: Sequence[str]
    orders: Sequence[str]
    queries: Sequence[str]
    recommendations: Sequence[str]
    positions: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Appended:
    """``stored``: events that are new; ``duplicates``: events that had been stored before."""

    stored: int
    duplicates: int


def events_database() -> str:
    """The alias of the database that holds events."""
    return router.db_for_write(Event)


def event_digest(*, tenant: str, source: Source, visitor: int, client_id: str) -> bytes:
    """The unique key of an event that its sender numbers: once per tenant, source, visitor and client id."""
    return ids.digest(tenant, str(int(source)), str(visitor), client_id)


def told_digests(client_ids: Iterable[str], *, tenant: str, source: Source, visitor: int) -> list[bytes]:
    """The unique keys of events that one visitor tells: side by side in the index."""
    return ids.near_digests(client_ids, tenant, str(int(source)), str(visitor))


def append_events(rows: Sequence[EventRow], *, tenant: str, source: Source, now: int) -> Appended:
    """Store events that are not stored yet; ``now`` is when we received them."""
    if not rows:
        return Appended(0, 0)
    columns = {
        _COLUMN.get(field.name, field.name): [getattr(row, field.name) for row in rows]
        for field in fields(EventRow)
    }
    constants: Mapping[str, Scalar] = {"tenant": tenant, "source": int(source), "received_at": now}
    stored = insert_columns(Event, columns, constants=constants, ignore_conflicts=True)
    return Appended(stored, len(rows) - stored)


def append_columns(events: EventColumns, *, kind: int, tenant: str, source: Source, now: int) -> Appended:
    """The same for many events of one kind, without an object per event."""
    columns: Mapping[str, Sequence[Scalar]] = {
        "digest": events.digests,
        "visitor_id": events.visitors,
        "item_id": events.items,
        "occurred_at": events.occurred_at,
        "quantity": events.quantities,
        "unit_price": events.unit_prices,
        "order": events.orders,
        "flags": events.flags,
    }
    constants: Mapping[str, Scalar] = {
        "tenant": tenant,
        "kind": int(kind),
        "source": int(source),
        "currency": "",
        "profit": None,
        "query": "",
        "recommendation": "",
        "position": None,
        "store": "",
        "received_at": now,
    }
    stored = insert_columns(Event, columns, constants=constants, ignore_conflicts=True)
    return Appended(stored, len(events.digests) - stored)


def append_told(
    events: ToldColumns, *, visitor: int, tenant: str, store: str, flags: int, source: Source, now: int
) -> None:
    """Store events of several kinds of one visitor; raises IntegrityError when one of them is stored already."""
    columns: Mapping[str, Sequence[Scalar]] = {
        "digest": events.digests,
        "kind": events.kinds,
        "item_id": events.items,
        "occurred_at": events.occurred_at,
        "quantity": events.quantities,
        "unit_price": events.unit_prices,
        "currency": events.currencies,
        "order": events.orders,
        "query": events.queries,
        "recommendation": events.recommendations,
        "position": events.positions,
    }
    constants: Mapping[str, Scalar] = {
        "visitor_id": visitor,
        "tenant": tenant,
        "source": int(source),
        "flags": flags,
        "profit": None,
        "store": store,
        "received_at": now,
    }
    insert_columns(Event, columns, constants=constants)


def stored_digests(digests: Collection[bytes]) -> set[bytes]:
    """Those digests whose events are stored."""
    return {
        bytes(digest)
        for batch in batches(digests, LOOKUP)
        for digest in Event.objects.filter(digest__in=batch).values_list("digest", flat=True)
    }
