"""People of whom we know everything that can be known, each text of it with a marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection

from personalization.engine import ids
from personalization.engine.instants import from_micros
from personalization.engine.tables import pack_row
from personalization.engine.types import Flag, IdentityKind, ItemRecord, Kind, Mode
from personalization.models import (
    Answer,
    Build,
    BuildRow,
    Campaign,
    CampaignView,
    Item,
    ViewedItem,
    Visitor,
    VisitorRow,
)
from personalization.store.campaign_views import day_of
from personalization.store.events import EventRow, Source, append_events
from personalization.store.items import item_ids, upsert_items
from personalization.store.ratings import StoredRating, save_rating
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400_000_000
NOW = 1_700_000_000_000_000
ITEMS = ("mug", "jug")


def stock(tenant: str = "") -> dict[str, int]:
    records = [ItemRecord(key, title=key.title()) for key in ITEMS]
    upsert_items(records, tenant=tenant, origin=Item.Origin.IMPORT, now=NOW)
    return item_ids(ITEMS, tenant=tenant)


def known(kind: IdentityKind, key: str, *, tenant: str = "", now: int = NOW - DAY) -> int:
    """The visitor of an identity."""
    return ensure_visitors(kind, [key], tenant=tenant, now=now)[key]


def joined(visitor: int, person: int) -> int:
    Visitor.objects.filter(pk=visitor).update(person=person)
    return visitor


def busy(visitor: int, mark: str, *, tenant: str = "", events: int = 3, at: int = NOW - DAY) -> None:
    """Events, a rating and a view history, with the mark in every text that they can hold."""
    items = stock(tenant)
    rows = [
        EventRow(
            digest=ids.digest(mark, tenant, str(visitor), str(number)),
            kind=Kind.PURCHASE,
            visitor=visitor,
            item=items["mug"],
            occurred_at=at + number,
            quantity="2.5",
            unit_price="3.10",
            currency="EUR",
            profit="1",
            order=f"{mark}-order"[:64],
            query=f"{mark}-query"[:200],
            recommendation=f"{mark}{visitor}"[:32],
            position=1,
            store=f"{mark}-s"[:32],
            flags=int(Flag.STAFF),
        )
        for number in range(events)
    ]
    append_events(rows, tenant=tenant, source=Source.CODE, now=at)
    rating = StoredRating("mug", value=4, low=1, high=5, text=f"{mark} text", rated_at=at)
    save_rating(rating, visitor=visitor, item=items["mug"], tenant=tenant)
    ViewedItem.objects.create(
        visitor_id=visitor, item_id=items["jug"], tenant=tenant, first_viewed_at=at, last_viewed_at=at
    )
    campaign, _ = Campaign.objects.get_or_create(
        tenant=tenant, title="Winter", defaults={"slot": "banner", "created_at": NOW, "updated_at": NOW}
    )
    CampaignView.objects.create(
        campaign=campaign, visitor_id=visitor, tenant=tenant, day=day_of(at), impressions=2, last_at=at
    )
    _listed(visitor, items, tenant=tenant)
    key = f"{mark}{visitor}"[:32]
    Answer.objects.create(
        tenant=tenant,
        key=key,
        digest=ids.digest(tenant, key),
        slot="for_you",
        mode=Mode.PERSONALIZED,
        answered_at=at,
    )


def _listed(visitor: int, items: dict[str, int], *, tenant: str) -> None:
    """In a build of everybody, a list of the visitor's own."""
    build, new = Build.objects.get_or_create(
        tenant=tenant,
        alias="user-knn",
        defaults={"as_of": from_micros(NOW - DAY), "created_at": from_micros(NOW)},
    )
    if new:
        vocabulary = np.array([items[key] for key in ITEMS], "<i4").tobytes()
        BuildRow.objects.create(build=build, table=BuildRow.Table.VOCABULARY, row=0, payload=vocabulary)
    packed = pack_row(np.array([1, 0], np.int32), np.array([2, 1], np.float32))
    VisitorRow.objects.create(
        build=build, visitor_id=visitor, table=VisitorRow.Table.VISITORS, payload=packed
    )


def rows_of_ours() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of every table of ours, and of the admin's log, as the database has it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            if table.startswith("personalization_") or table == "django_admin_log":
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for row in cursor.fetchall():
                    yield table, row


def hits(mark: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows in which a mark stands, as text or as the bytes of a text."""
    return [(name, row) for name, row in rows_of_ours() if mark in _text(row)]


def _text(row: tuple[Any, ...]) -> str:
    return "\n".join(
        bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
        for value in row
    )
