"""Two people saved the same: what the second is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format

from personalization.admin.difference import Change, Part, differences
from personalization.engine.instants import from_micros
from personalization.store.versions import find_version

if TYPE_CHECKING:
    from personalization.store.versions import Kind


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who saved meanwhile, when, and what differs from what the form was made from."""

    number: int
    author: str
    at: str
    changes: tuple[Change, ...]


def shown_instant(micros: int) -> str:
    """An instant in the current time zone."""
    return date_format(timezone.localtime(from_micros(micros)), "DATETIME_FORMAT")


def conflict_of(kind: Kind, row: Any, seen: int, parts: tuple[Part, ...]) -> Conflict:
    """What happened to a row since the version that somebody has seen."""
    old = find_version(kind, row.pk, seen, tenant=row.tenant)
    new = find_version(kind, row.pk, row.version, tenant=row.tenant)
    if new is None:
        return Conflict(row.version, "", "", ())
    changes = differences(old.content, new.content, parts) if old else []
    return Conflict(new.number, new.author, shown_instant(new.created_at), tuple(changes))
