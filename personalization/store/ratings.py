"""Ratings: one row per visitor and item, whoever writes at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import connections, router

from personalization.engine.ids import digest
from personalization.engine.instants import from_micros, to_micros
from personalization.models import Rating
from personalization.store.bulk import batches
from personalization.store.items import item_ids
from personalization.store.people import members_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from personalization.engine.types import Identity

#: How many ratings of a person are read, the newest first.
MOST: Final = 200

_BATCH: Final = 500
_RENEWED = ("tenant", "value", "scale_low", "scale_high", "text", "rated_at")


@dataclass(frozen=True, slots=True)
class StoredRating:
    """A rating as it stands in the database. ``rated_at``: UTC microseconds."""

    item: str
    value: int
    low: int
    high: int
    text: str
    rated_at: int

    @property
    def rated_at_text(self) -> str:
        """The instant in ISO 8601, in UTC."""
        return self.moment.isoformat()

    @property
    def moment(self) -> datetime:
        """The instant as templates show it."""
        return from_micros(self.rated_at)


@dataclass(frozen=True, slots=True)
class SavedRatings:
    """``updated``: in place of others; ``older``: left out, as a later one of the same visitor and item is there."""

    stored: int
    updated: int
    older: int


def save_rating(rating: StoredRating, *, visitor: int, item: int, tenant: str) -> None:
    """Store the visitor's rating of an item, in place of the one that was there.

    One upsert statement: reading first and writing afterwards would let two requests both insert.
    """
    _upsert([_row(rating, visitor=visitor, item=item, tenant=tenant)])


def save_ratings(ratings: Sequence[tuple[tuple[int, int], StoredRating]], *, tenant: str) -> SavedRatings:
    """The same for many ratings, each with the ids of its visitor and item. A rating never replaces a later one."""
    latest: dict[tuple[int, int], StoredRating] = {}
    for pair, rating in ratings:
        if pair not in latest or latest[pair].rated_at <= rating.rated_at:
            latest[pair] = rating
    known = _times({visitor for visitor, _ in latest})
    due = {
        pair: rating
        for pair, rating in latest.items()
        if pair not in known or known[pair] <= from_micros(rating.rated_at)
    }
    rows = [
        _row(rating, visitor=pair[0], item=pair[1], tenant=tenant) for pair, rating in sorted(due.items())
    ]
    for batch in batches(rows, _BATCH):
        _upsert(batch)
    updated = len(due.keys() & known.keys())
    return SavedRatings(stored=len(due) - updated, updated=updated, older=len(ratings) - len(due))


def find_rating(visitor: int, item: str, *, tenant: str) -> StoredRating | None:
    """The visitor's rating of the item with this key."""
    row = _of(visitor, item, tenant).first()
    return None if row is None else _stored(row, item)


def own_ratings(owner: Identity, *, tenant: str, item: str | None = None) -> list[StoredRating]:
    """What somebody said in whichever browser, of one item or of all, newest first and the newest of each; in one
    statement."""
    rows = _by(owner, tenant).select_related("item").order_by("-rated_at", "-pk")
    if item is not None:
        rows = rows.filter(item__digest=digest(item))
    newest: dict[str, StoredRating] = {}
    for row in rows[:MOST]:
        newest.setdefault(row.item.key, _stored(row, row.item.key))
    return list(newest.values())


def delete_rating(visitor: int, item: str, *, tenant: str) -> bool:
    """Take the visitor's rating back; whether there was one."""
    return _of(visitor, item, tenant).delete()[0] > 0


def delete_own_rating(owner: Identity, item: str, *, tenant: str) -> bool:
    """Take back what somebody said of an item in whichever browser; whether there was anything."""
    known = item_ids([item], tenant=tenant)
    return bool(known) and _by(owner, tenant).filter(item_id__in=known.values()).delete()[0] > 0


def database() -> str:
    """The alias of the database that holds ratings."""
    return router.db_for_write(Rating)


def _times(visitors: Collection[int]) -> dict[tuple[int, int], datetime]:
    """When these visitors rated what; until the transaction ends nobody else changes that."""
    return {
        (visitor, item): at
        for batch in batches(sorted(visitors), _BATCH)
        for visitor, item, at in Rating.objects.select_for_update()
        .filter(visitor_id__in=batch)
        .values_list("visitor_id", "item_id", "rated_at")
    }


def _row(rating: StoredRating, *, visitor: int, item: int, tenant: str) -> Rating:
    return Rating(
        visitor_id=visitor,
        item_id=item,
        tenant=tenant,
        value=rating.value,
        scale_low=rating.low,
        scale_high=rating.high,
        text=rating.text,
        rated_at=from_micros(rating.rated_at),
    )


def _upsert(rows: Sequence[Rating]) -> None:
    features = connections[database()].features
    target = ("visitor", "item") if features.supports_update_conflicts_with_target else None
    Rating.objects.bulk_create(rows, update_conflicts=True, update_fields=_RENEWED, unique_fields=target)


def _of(visitor: int, item: str, tenant: str) -> QuerySet[Rating]:
    known = item_ids([item], tenant=tenant)
    return Rating.objects.filter(visitor_id=visitor, tenant=tenant, item_id__in=known.values())


def _by(owner: Identity, tenant: str) -> QuerySet[Rating]:
    members = members_of([owner], tenant=tenant).values("pk")
    return Rating.objects.filter(tenant=tenant, visitor__in=members)


def _stored(row: Rating, item: str) -> StoredRating:
    return StoredRating(
        item=item,
        value=int(row.value),
        low=row.scale_low,
        high=row.scale_high,
        text=row.text,
        rated_at=to_micros(row.rated_at),
    )
