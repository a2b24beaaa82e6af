"""A CSV file of items → our own catalog."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from personalization.capture import cell
from personalization.capture.chunk import chunks
from personalization.capture.csv_file import CsvFile
from personalization.capture.progress import SCAN_SHARE, nobody_watches
from personalization.capture.quarantine import Problem, Quarantine
from personalization.capture.tenant import require_tenant
from personalization.conf import settings
from personalization.engine.types import ItemRecord
from personalization.exceptions import InvalidInputError
from personalization.store.items import IMPORTED, upsert_items
from personalization.store.new_items import ask_for_neighbors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from personalization.capture.chunk import Chunk
    from personalization.capture.progress import Progress

_PHRASE: Final = 255  #: characters of a title and of a category
_TAGS: Final = 2_000  #: characters of all tags together
#: What the header of a column of attributes begins with; the attribute's name follows.
_ATTRIBUTE: Final = "attribute:"
_NAME: Final = 64  #: characters of an attribute's name

_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "key": partial(cell.key, missing=Problem.MISSING_KEY),
    "title": partial(cell.phrase, limit=_PHRASE),
    "category": partial(cell.phrase, limit=_PHRASE),
    "price": cell.optional_price,
    "currency": cell.currency,
    "tags": partial(cell.phrase, limit=_TAGS),
    "brand": partial(cell.phrase, limit=_PHRASE),
    "stock": cell.stock,
}
_attribute = partial(cell.phrase, limit=_PHRASE)


@dataclass(frozen=True, slots=True)
class ItemColumnNames:
    """Under which names the file holds what; '' where it does not. Attributes are found by their headers."""

    key: str
    title: str = ""
    category: str = ""
    price: str = ""
    currency: str = ""
    tags: str = ""
    brand: str = ""
    stock: str = ""
    listed_at: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    """``field``: what the column says of an item; ``parse``: its text, as it is or as a value, or the problem."""

    field: str
    place: int
    parse: Callable[[str], Any]


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
        columns = [*_columns(file, names, now), *_attribute_columns(file)]
        for _ in file.scan():
            pass  # a file that is broken at its end stores nothing of its start
        with Quarantine(quarantine, source=path, header=file.header) as refused:
            read = stored = updated = 0
            for chunk in chunks(file):
                records = _records(chunk, columns, len(file.header))
                done = upsert_items(records, tenant=tenant, origin=IMPORTED, now=now)
                read += len(chunk) + chunk.report(refused)
                stored, updated = stored + done.stored, updated + done.updated
                progress(SCAN_SHARE + (1 - SCAN_SHARE) * file.share_read, read)
            file.require_unchanged()
        if stored:
            ask_for_neighbors(tenant=tenant, now=now)
        return ItemImport(read, stored, updated, dict(refused.reasons), refused.file)


def _columns(file: CsvFile, names: ItemColumnNames, now: int) -> Iterator[_Column]:
    zone = ZoneInfo(settings.time_zone)
    parsers: dict[str, Callable[[str], Any]] = {
        **_PARSERS,
        "listed_at": partial(cell.optional_instant, zone=zone, now=now),
    }
    for field, parse in parsers.items():
        if name := getattr(names, field):
            yield _Column(field, file.column(name), parse)


def _attribute_columns(file: CsvFile) -> Iterator[_Column]:
    for header in file.header:
        name = header.removeprefix(_ATTRIBUTE)
        if name == header:
            continue
        if not name.strip() or isinstance(cell.phrase(name, _NAME), Problem):
            raise InvalidInputError(
                "file", f"the column {header[:40]!r} names no attribute of 1 to {_NAME} characters"
            )
        yield _Column(header, file.column(header), _attribute)


def _records(chunk: Chunk, columns: Sequence[_Column], width: int) -> list[ItemRecord]:
    chunk.refuse_ill_formed(width)
    for column in columns:
        values = map(column.parse, chunk.column(column.place))
        chunk.refuse([value if isinstance(value, Problem) else None for value in values])
    return [
        _record({column.field: column.parse(row[column.place]) for column in columns}) for row in chunk.rows
    ]


def _record(values: Mapping[str, Any]) -> ItemRecord:
    attributes = {
        field.removeprefix(_ATTRIBUTE): text
        for field, text in values.items()
        if text and field.startswith(_ATTRIBUTE)
    }
    stock = values.get("stock", "")
    return ItemRecord(
        key=values["key"],
        title=values.get("title", ""),
        category=values.get("category", ""),
        price=values.get("price", ""),
        currency=values.get("currency", ""),
        tags=tuple(tag for tag in values.get("tags", "").split("|") if tag),
        brand=values.get("brand", ""),
        attributes=attributes,
        listed_at=values.get("listed_at") or None,
        stock=Decimal(stock) if stock else None,
    )
