"""A chunk of rows → events in the database, and refused rows in the quarantine."""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.capture.people import People
from personalization.capture.quarantine import Problem
from personalization.engine.ids import DIGEST_SIZE
from personalization.engine.types import Kind
from personalization.exceptions import PersonalizationError
from personalization.store.events import (
    Appended,
    EventColumns,
    Source,
    append_columns,
    events_database,
    stored_digests,
)
from personalization.store.items import intern_items
from personalization.store.transaction import in_transaction
from personalization.store.viewed import View, record_views

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.capture.chunk import Chunk
    from personalization.capture.event_columns import EventCells
    from personalization.capture.quarantine import Quarantine

#: Ids that are remembered from chunk to chunk; beyond, all are forgotten and asked for again.
REMEMBERED: Final = 200_000


class EventWriter:
    """Writes chunk after chunk, each in a transaction of its own, and keeps the count."""

    def __init__(
        self,
        cells: EventCells,
        quarantine: Quarantine,
        *,
        kind: Kind,
        tenant: str,
        consented: bool,
        now: int,
    ) -> None:
        self.read = self.stored = self.duplicates = 0
        self._cells, self._quarantine = cells, quarantine
        self._kind, self._tenant, self._now = kind, tenant, now
        self._items: dict[str, int | None] = {}
        self._people = People(cells.identity, tenant=tenant, consented=consented, now=now)

    def write(self, chunk: Chunk, earlier: NDArray[np.uint32]) -> None:
        """Store the good rows of a chunk. ``earlier``: how many lines before each had the same key."""
        for place in np.flatnonzero(earlier).tolist():
            chunk.keys[place] = _occurrence(chunk.keys[place], int(earlier[place]))
        self._refuse(chunk)
        done = self._append(chunk) if chunk.rows else Appended(0, 0)
        self.read += len(chunk) + chunk.report(self._quarantine)
        self.stored += done.stored
        self.duplicates += done.duplicates
        self._cells.trim()

    def _refuse(self, chunk: Chunk) -> None:
        chunk.refuse_ill_formed(self._cells.width)
        self._cells.refuse_bad(chunk)
        known = self._known_items(self._cells.column(chunk, "item"))
        if None in known:
            chunk.refuse([Problem.UNKNOWN_ITEM if item is None else None for item in known])

    def _known_items(self, keys: list[str]) -> list[int | None]:
        if len(self._items) > REMEMBERED:
            self._items.clear()
        if missing := set(keys) - self._items.keys():
            found = intern_items(missing, tenant=self._tenant, now=self._now)
            self._items |= {key: found.get(key) for key in missing}
        return list(map(self._items.__getitem__, keys))

    def _append(self, chunk: Chunk) -> Appended:
        done, visitors = in_transaction(partial(self._store, chunk), using=events_database())
        self._people.remember(visitors)  # only now: ids of a transaction that was undone would point nowhere
        return done

    def _store(self, chunk: Chunk) -> tuple[Appended, dict[str, int]]:
        people = self._cells.column(chunk, "visitor")
        if not self._people.look_at(people).isdisjoint(people):
            chunk.refuse(self._people.problems(people, self._cells.values(chunk, "time")))
            people = self._cells.column(chunk, "visitor")
        if not people:
            return Appended(0, 0), {}
        visitors, fresh = self._people.visitors(people)
        events = self._events(chunk, list(map(visitors.__getitem__, people)))
        store = self._store_views if self._kind == Kind.VIEW else self._store_columns
        return store(events), fresh

    def _store_columns(self, events: EventColumns) -> Appended:
        return append_columns(
            events, kind=self._kind, tenant=self._tenant, source=Source.IMPORT, now=self._now
        )

    def _store_views(self, events: EventColumns) -> Appended:
        """Views of people also enter the view history, each of them once."""
        known = stored_digests(events.digests)
        done = self._store_columns(events)
        if done.duplicates != len(known):
            raise PersonalizationError(
                "another import of the same lines is running; run this one again later"
            )
        rows = zip(
            events.digests, events.flags, events.visitors, events.items, events.occurred_at, strict=True
        )
        views = [
            View(visitor, item, at)
            for digest, flags, visitor, item, at in rows
            if item is not None and not flags and digest not in known
        ]
        record_views(views, tenant=self._tenant)
        return done

    def _events(self, chunk: Chunk, visitors: list[int]) -> EventColumns:
        values: Any = partial(self._cells.values, chunk)
        return EventColumns(
            digests=chunk.keys,
            visitors=visitors,
            items=self._known_items(self._cells.column(chunk, "item")),
            occurred_at=values("time"),
            quantities=values("quantity", default="1"),
            unit_prices=values("price", default=None),
            orders=values("order", default=""),
            flags=values("agent", default=0),
        )


def _occurrence(key: bytes, earlier: int) -> bytes:
    """The digest of a line whose key stood on earlier lines too."""
    return blake2b(key + earlier.to_bytes(4, "little"), digest_size=DIGEST_SIZE).digest()
