"""What was saved, version by version; and nobody saves over what somebody else has saved meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.ids import digest
from personalization.engine.instants import to_micros
from personalization.exceptions import PersonalizationError
from personalization.models import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Version.Kind

#: The stamp that grows whenever a segment, promotion or campaign is saved.
RULES: Final = "rules"


class ConflictError(PersonalizationError):
    """Somebody else has saved it since it was read, or it is no longer there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save made: the row's id, and the number of its newest version."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version. ``content``: canonical JSON; ``created_at``: UTC microseconds."""

    number: int
    content: str
    author: str
    created_at: int


def add_version(
    kind: Kind, object_id: int, number: int, content: str, *, tenant: str, author: str, now: int
) -> None:
    """Write down what was saved. Call it in the transaction that saves."""
    Version.objects.create(
        tenant=tenant,
        kind=kind,
        object_id=object_id,
        number=number,
        content=content,
        digest=digest(content),
        author=author,
        created_at=now,
    )


def find_version(kind: Kind, object_id: int, number: int, *, tenant: str) -> StoredVersion | None:
    """One version of an object of this tenant."""
    row = Version.objects.filter(tenant=tenant, kind=kind, object_id=object_id, number=number).first()
    return None if row is None else _stored(row)


def versions_of(kind: Kind, object_id: int, *, tenant: str) -> list[StoredVersion]:
    """Every version of an object, the newest first."""
    rows = Version.objects.filter(tenant=tenant, kind=kind, object_id=object_id).order_by("-number")
    return [_stored(row) for row in rows]


def canonical(content: Mapping[str, Any]) -> str:
    """The one JSON text of a content: equal contents have equal texts, and so equal digests."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _stored(row: Version) -> StoredVersion:
    return StoredVersion(row.number, row.content, row.author, to_micros(row.created_at))
