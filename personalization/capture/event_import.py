"""A CSV file of events → events in the database, once each, however often the file is read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from personalization.capture.chunk import ROWS, chunks
from personalization.capture.csv_file import CsvFile
from personalization.capture.event_columns import EventCells
from personalization.capture.event_writer import EventWriter
from personalization.capture.kinds import KINDS
from personalization.capture.line_keys import LineKeys
from personalization.capture.progress import SCAN_SHARE, nobody_watches
from personalization.capture.quarantine import Quarantine
from personalization.capture.tenant import require_tenant
from personalization.engine.types import IdentityKind
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.capture.event_columns import EventColumnNames
    from personalization.capture.progress import Progress
    from personalization.engine.types import Kind


@dataclass(frozen=True, slots=True)
class EventImport:
    """What an import did."""

    read: int
    stored: int
    duplicates: int
    quarantined: Mapping[str, int]
    quarantine_file: str | None


def import_events(
    path: str,
    names: EventColumnNames,
    *,
    kind: Kind,
    identity: IdentityKind = IdentityKind.USER,
    tenant: str = "",
    quarantine: str | None = None,
    consented: bool = False,
    now: int,
    progress: Progress = nobody_watches,
) -> EventImport:
    """Store what a CSV file tells, in two passes.

    The first refuses what is no CSV file before anything is stored, and numbers the occurrences of each line key;
    the second stores, one transaction per chunk. ``consented``: everybody in the file has agreed, which counts where
    CONSENT_REQUIRED is on. Raises InvalidInputError naming ``kind``, ``tenant``, ``file`` or ``quarantine``.
    """
    require_tenant(tenant)
    if kind not in KINDS:
        raise InvalidInputError("kind", f"{kind.name.lower()} events cannot be imported")
    with CsvFile(path) as file, LineKeys() as keys:
        cells = EventCells(file, names, identity=identity, now=now)
        _scan(file, cells, keys, f"import\x1f{tenant}\x1f{int(kind)}", progress)
        with Quarantine(quarantine, source=path, header=file.header) as refused:
            writer = EventWriter(cells, refused, kind=kind, tenant=tenant, consented=consented, now=now)
            for chunk in chunks(file):
                chunk.keys, earlier = keys.read(len(chunk))
                writer.write(chunk, earlier)
                progress(SCAN_SHARE + (1 - SCAN_SHARE) * file.share_read, writer.read)
            file.require_unchanged()
        return EventImport(writer.read, writer.stored, writer.duplicates, dict(refused.reasons), refused.file)


def _scan(file: CsvFile, cells: EventCells, keys: LineKeys, scope: str, progress: Progress) -> None:
    rows = file.scan()
    while part := list(islice(rows, ROWS)):
        keys.add(cells.line_keys(part, scope))
        cells.trim()
        progress(SCAN_SHARE * file.share_read, 0)
    keys.settle()
