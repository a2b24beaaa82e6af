"""A CSV file of items → our own catalog."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from personalization.capture import cell
from personalization.capture.chunk import chunks
from personalization.capture.csv_file import CsvFile
from personalization.capture.progress import SCAN_SHARE, nobody_watches
from personalization.capture.quarantine import Problem, Quarantine
from personalization.capture.tenant import require_tenant
from personalization.engine.types import ItemRecord
from personalization.store.items import IMPORTED, upsert_items

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.capture.chunk import Chunk
    from personalization.capture.progress import Progress

_PHRASE: Final = 255  #: characters of a title and of a category
_TAGS: Final = 2_000  #: characters of all tags together

_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "key": partial(cell.key, missing=Problem.MISSING_KEY),
    "title": partial(cell.phrase, limit=_PHRASE),
    "category": partial(cell.phrase, limit=_PHRASE),
    "price": cell.optional_price,
    "currency": cell.currency,
    "tags": partial(cell.phrase, limit=_TAGS),
}


@dataclass(frozen=True, slots=True)
class ItemColumnNames:
    """Under which names the file holds what; '' where it does not."""

    key: str
    title: str = ""
    category: str = ""
    price: str = ""
    currency: str = ""
    tags: str = ""


@dataclass(frozen=True, slots=True)
class ItemImport:
    """What an import did. ``updated``: rows whose item was known and now is as the row says."""

    read: int
    stored: int
    updated: int
    quarantined: Mapping[str, int]
    quarantine_file: str | None


def import_items(
    path: str,
    names: ItemColumnNames,
    *,
    tenant: str = "",
    quarantine: str | None = None,
    now: int,
    progress: Progress = nobody_watches,
) -> ItemImport:
    """Store the items of a CSV file: first everything is read and checked as a file, then stored in chunks.

    Raises InvalidInputError naming ``tenant``, ``file`` or ``quarantine``.
    """
    require_tenant(tenant)
    with CsvFile(path) as file:
        places = {field: file.column(getattr(names, field)) for field in _PARSERS if getattr(names, field)}
        for _ in file.scan():
            pass  # a file that is broken at its end stores nothing of its start
        with Quarantine(quarantine, source=path, header=file.header) as refused:
            read = stored = updated = 0
            for chunk in chunks(file):
                records = _records(chunk, places, len(file.header))
                done = upsert_items(records, tenant=tenant, origin=IMPORTED, now=now)
                read += len(chunk) + chunk.report(refused)
                stored, updated = stored + done.stored, updated + done.updated
                progress(SCAN_SHARE + (1 - SCAN_SHARE) * file.share_read, read)
            file.require_unchanged()
        return ItemImport(read, stored, updated, dict(refused.reasons), refused.file)


def _records(chunk: Chunk, places: Mapping[str, int], width: int) -> list[ItemRecord]:
    chunk.refuse_ill_formed(width)
    for field, place in places.items():
        values = map(_PARSERS[field], chunk.column(place))
        chunk.refuse([value if isinstance(value, Problem) else None for value in values])
    return [_record({field: row[place] for field, place in places.items()}) for row in chunk.rows]


def _record(texts: Mapping[str, str]) -> ItemRecord:
    return ItemRecord(
        key=texts["key"],
        title=texts.get("title", ""),
        category=texts.get("category", ""),
        price=texts.get("price", ""),
        currency=texts.get("currency", ""),
        tags=tuple(tag for tag in texts.get("tags", "").split("|") if tag),
    )
