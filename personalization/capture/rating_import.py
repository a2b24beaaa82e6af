"""A CSV file of ratings → what visitors say of items, each in place of what they said before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from personalization.capture import cell
from personalization.capture.chunk import chunks
from personalization.capture.csv_file import CsvFile
from personalization.capture.people import People
from personalization.capture.progress import SCAN_SHARE, nobody_watches
from personalization.capture.quarantine import Problem, Quarantine
from personalization.capture.rate import TEXT_LENGTH, rating_event
from personalization.capture.tenant import require_tenant
from personalization.conf import settings
from personalization.engine.types import IdentityKind
from personalization.store.events import Source, append_events
from personalization.store.items import intern_items
from personalization.store.ratings import SavedRatings, StoredRating, database, save_ratings
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.capture.chunk import Chunk
    from personalization.capture.progress import Progress


@dataclass(frozen=True, slots=True)
class RatingColumnNames:
    """Under which names the file holds what; '' where it holds no texts."""

    visitor: str
    item: str
    value: str
    time: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RatingImport:
    """What an import did. ``updated``: ratings in place of others; ``older``: a later one was there already."""

    read: int
    stored: int
    updated: int
    older: int
    quarantined: Mapping[str, int]
    quarantine_file: str | None


def import_ratings(
    path: str,
    names: RatingColumnNames,
    *,
    identity: IdentityKind = IdentityKind.USER,
    tenant: str = "",
    quarantine: str | None = None,
    consented: bool = False,
    now: int,
    progress: Progress = nobody_watches,
) -> RatingImport:
    """Store the ratings of a CSV file, one transaction per chunk, once the whole was read and checked as a file.

    The adapter's ``may_rate`` is not asked: what the file holds was allowed when it was said. ``consented``: everybody
    in the file has agreed. Raises InvalidInputError naming ``tenant``, ``file`` or ``quarantine``.
    """
    require_tenant(tenant)
    with CsvFile(path) as file:
        people = People(identity, tenant=tenant, consented=consented, now=now)
        writer = _RatingWriter(file, names, people, tenant=tenant, now=now)
        for _ in file.scan():
            pass  # a file that is broken at its end stores nothing of its start
        with Quarantine(quarantine, source=path, header=file.header) as refused:
            read = stored = updated = older = 0
            for chunk in chunks(file):
                done = writer.write(chunk)
                read += len(chunk) + chunk.report(refused)
                stored, updated, older = stored + done.stored, updated + done.updated, older + done.older
                progress(SCAN_SHARE + (1 - SCAN_SHARE) * file.share_read, read)
            file.require_unchanged()
        return RatingImport(read, stored, updated, older, dict(refused.reasons), refused.file)


class _RatingWriter:
    """Writes chunk after chunk, each in a transaction of its own."""

    def __init__(
        self, file: CsvFile, names: RatingColumnNames, people: People, *, tenant: str, now: int
    ) -> None:
        self._people, self._tenant, self._now = people, tenant, now
        self._scale = settings.RATING_SCALE
        self._width = len(file.header)
        parsers: Mapping[str, tuple[str, Callable[[str], Any]]] = {
            "visitor": (names.visitor, partial(cell.key, missing=Problem.MISSING_VISITOR)),
            "item": (names.item, partial(cell.key, missing=Problem.MISSING_ITEM)),
            "value": (names.value, partial(cell.whole_number, scale=self._scale)),
            "time": (names.time, partial(cell.instant, zone=ZoneInfo(settings.time_zone), now=now)),
            "text": (names.text, partial(cell.words, limit=TEXT_LENGTH)),
        }
        self._columns = {
            field: (file.column(name), parse) for field, (name, parse) in parsers.items() if name
        }

    def write(self, chunk: Chunk) -> SavedRatings:
        """Store the good rows of a chunk."""
        chunk.refuse_ill_formed(self._width)
        for field in self._columns:
            values = self._values(chunk, field)
            chunk.refuse([value if isinstance(value, Problem) else None for value in values])
        keys = self._values(chunk, "item")
        items = intern_items(set(keys), tenant=self._tenant, now=self._now)
        chunk.refuse([None if key in items else Problem.UNKNOWN_ITEM for key in keys])
        done, visitors = in_transaction(partial(self._store, chunk, items), using=database())
        self._people.remember(visitors)
        return done

    def _store(self, chunk: Chunk, items: Mapping[str, int]) -> tuple[SavedRatings, dict[str, int]]:
        people = self._values(chunk, "visitor")
        self._people.look_at(people)
        chunk.refuse(self._people.problems(people, self._values(chunk, "time")))
        people = self._values(chunk, "visitor")
        visitors, fresh = self._people.visitors(people)
        pairs = [
            (visitors[person], items[key])
            for person, key in zip(people, self._values(chunk, "item"), strict=True)
        ]
        ratings = self._ratings(chunk)
        done = save_ratings(list(zip(pairs, ratings, strict=True)), tenant=self._tenant)
        events = [
            rating_event(rating, visitor=visitor, item=item, tenant=self._tenant)
            for (visitor, item), rating in zip(pairs, ratings, strict=True)
        ]
        append_events(events, tenant=self._tenant, source=Source.CODE, now=self._now)
        return done, fresh

    def _ratings(self, chunk: Chunk) -> list[StoredRating]:
        low, high = self._scale
        fields = ("item", "value", "text", "time")
        rows = zip(*(self._values(chunk, field) for field in fields), strict=True)
        return [StoredRating(item, value, low, high, text, at) for item, value, text, at in rows]

    def _values(self, chunk: Chunk, field: str) -> list[Any]:
        if field not in self._columns:
            return [""] * len(chunk)
        place, parse = self._columns[field]
        return list(map(parse, chunk.column(place)))
