"""Segments: rows ⇄ named rules."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, router

from personalization.engine import ids
from personalization.engine.rules import Scope, find_cycle, read_rule
from personalization.exceptions import InvalidInputError
from personalization.models import Segment
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.versions import (
    RULES,
    ConflictError,
    Kind,
    Saved,
    add_version,
    canonical,
    find_version,
)

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary

#: Whose facts a segment's rule may read.
SCOPES: Final = frozenset({Scope.VISITOR})

_NAME_LENGTH: Final = 64
_TITLE_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class SegmentContent:
    """What people say of a segment. ``name``: a slug; ``rule``: JSON text."""

    name: str
    title: str
    rule: str
    note: str = ""
    active: bool = True

    def to_json(self) -> str:
        """The content as versions hold it."""
        return canonical(asdict(self))


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment as it stands."""

    id: int
    version: int
    content: SegmentContent


def checked_segment(content: SegmentContent, vocabulary: Vocabulary) -> SegmentContent:
    """The same content with its rule in canonical text.

    Raises InvalidInputError naming the field that is wrong; an InvalidRuleError names ``rule``.
    """
    if not _is_slug(content.name):
        raise InvalidInputError("name", f"expected up to {_NAME_LENGTH} letters, digits, - and _")
    if not content.title.strip() or not ids.is_key(content.title):
        raise InvalidInputError("title", f"expected 1 to {_TITLE_LENGTH} characters")
    if ids.storable(content.note) != content.note:
        raise InvalidInputError("note", "it holds characters that no database can store")
    return replace(content, rule=read_rule(content.rule, vocabulary, scopes=SCOPES).text)


def find_segment(name: str, *, tenant: str) -> StoredSegment | None:
    """The segment of a name, also one that is not active."""
    row = Segment.objects.filter(tenant=tenant, digest=ids.digest(name)).first()
    return None if row is None else _stored(row)


def save_segment(
    content: SegmentContent,
    *,
    vocabulary: Vocabulary,
    expected_version: int,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Store a segment under its name, a new one with ``expected_version`` 0, and write down the version.

    The name is for ever: other rules mention it. Raises InvalidInputError, also for a rule that leads back to the segment
    itself (two that are saved at once may still do so together; such segments are unknown), and ConflictError when the segment no longer
    has the expected version.
    """
    checked = checked_segment(content, vocabulary)
    _refuse_cycle(checked, vocabulary, tenant)
    write = partial(_create if expected_version == 0 else _change, checked, expected_version, tenant, now)
    work = partial(_save, write, checked, tenant, author, now)
    try:
        return in_transaction(work, using=router.db_for_write(Segment))
    except IntegrityError as error:
        raise ConflictError(f"there is a segment {content.name} already") from error


def restore_segment(
    name: str,
    number: int,
    *,
    vocabulary: Vocabulary,
    expected_version: int,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Save what a segment was in an earlier version as its newest one. Raises as `save_segment`."""
    segment = find_segment(name, tenant=tenant)
    old = None if segment is None else find_version(Kind.SEGMENT, segment.id, number, tenant=tenant)
    if old is None:
        raise InvalidInputError("number", f"the segment {name} has no version {number}")
    return save_segment(
        SegmentContent(**json.loads(old.content)),
        vocabulary=vocabulary,
        expected_version=expected_version,
        author=author,
        tenant=tenant,
        now=now,
    )


def _save(write: Any, content: SegmentContent, tenant: str, author: str, now: int) -> Saved:
    saved: Saved = write()
    add_version(
        Kind.SEGMENT, saved.id, saved.version, content.to_json(), tenant=tenant, author=author, now=now
    )
    bump_stamp(RULES, tenant=tenant, at=now)
    return saved


def _refuse_cycle(content: SegmentContent, vocabulary: Vocabulary, tenant: str) -> None:
    rule = read_rule(content.rule, vocabulary, scopes=SCOPES)
    if not rule.segments:
        return
    rows = Segment.objects.filter(tenant=tenant).exclude(digest=ids.digest(content.name))
    others = {}
    for name, text in rows.values_list("name", "rule"):
        with suppress(InvalidInputError):  # a segment that cannot be read leads nowhere
            others[name] = read_rule(text, vocabulary, scopes=SCOPES)
    if way := find_cycle(content.name, rule, others):
        raise InvalidInputError("rule", f"it leads back to itself: {' → '.join(way)}", code="cycle")


def _create(content: SegmentContent, expected: int, tenant: str, now: int) -> Saved:
    row = Segment.objects.create(
        tenant=tenant, digest=ids.digest(content.name), created_at=now, updated_at=now, **asdict(content)
    )
    return Saved(row.pk, row.version)


def _change(content: SegmentContent, expected: int, tenant: str, now: int) -> Saved:
    rows = Segment.objects.filter(tenant=tenant, digest=ids.digest(content.name))
    if not rows.filter(version=expected).update(version=expected + 1, updated_at=now, **asdict(content)):
        raise ConflictError(f"the segment {content.name} is no longer at version {expected}")
    return Saved(rows.values_list("pk", flat=True).get(), expected + 1)


def _stored(row: Segment) -> StoredSegment:
    content = SegmentContent(row.name, row.title, row.rule, row.note, row.active)
    return StoredSegment(row.pk, row.version, content)


def _is_slug(name: str) -> bool:
    try:
        validate_slug(name)
    except ValidationError:
        return False
    return len(name) <= _NAME_LENGTH
