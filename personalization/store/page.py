"""What one page needs from our tables, in one statement: what is live, and what its visitor did last."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connections, router

from personalization.conf import settings
from personalization.engine.types import IdentityKind, Kind
from personalization.models import Build, Event, Item, LiveBuild, Rating, Stamp, Visitor
from personalization.models import Identity as IdentityRow
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from personalization.engine.types import Identity

#: The kinds that serving asks about. Others (impressions, searches) must not use up the limit.
_KINDS: Final = (
    Kind.VIEW,
    Kind.CLICK,
    Kind.CART_ADD,
    Kind.CART_REMOVE,
    Kind.WISH,
    Kind.PURCHASE,
    Kind.REFUND,
    Kind.HIDE,
)
#: How far back exclusions look for visitors whose history is longer than HISTORY_LIMIT.
EXCLUSION_LIMIT: Final = 10_000

_BUILD, _STAMP, _OWN, _OTHER, _RATING, _WHO = 1, 2, 3, 4, 5, 6


class PastEvent(NamedTuple):
    """What the person did with an item. ``quantity``: pieces; of a rating the share of its scale, 0 … 1."""

    item: int
    key: str
    kind: int
    quantity: float
    occurred_at: int


class BuildKey(NamedTuple):
    """Which build is live. The instant tells apart builds of equal number in different databases."""

    id: int
    created_at: int


@dataclass(frozen=True, slots=True)
class PageRead:
    """``events``: newest first. ``complete``: there are no older events than these. ``person``: the visitor that
    stands for the person, None when nothing is known or may be known; ``epoch``: its own."""

    builds: dict[str, BuildKey]
    catalog_version: int = 0
    person: int | None = None
    epoch: int = 0
    events: tuple[PastEvent, ...] = ()
    complete: bool = True


def read_page(*, tenant: str, identity: Identity | None, before: int) -> PageRead:
    """Live builds, the catalog's stamp, and the newest events of this person that happened before an instant.

    A person's events are those of every visitor who was found to be the same person. Somebody who refused has none;
    nor has a browser whose visitor belongs to a person: that history is shown to the person alone, who is signed in.
    """
    common = [tenant, tenant]
    if identity is None:
        return _parsed(_rows(_COMMON, common), 1)
    limit: int = settings.HISTORY_LIMIT
    digests = identity_digests(identity)
    person = [tenant, int(identity.kind), *digests]
    sql = _personal_sql(_PERSONAL, len(digests), _connection().vendor)
    return _parsed(_rows(sql, [*person, *common, *[before, limit] * 4]), limit)


def read_exclusions(*, tenant: str, identity: Identity, before: int) -> tuple[PastEvent, ...]:
    """The newest EXCLUSION_LIMIT events, summed by item and kind: what a long history rules out."""
    digests = identity_digests(identity)
    sql = _personal_sql(_SUMMED, len(digests), _connection().vendor)
    rows = _rows(sql, [tenant, int(identity.kind), *digests, *[before, EXCLUSION_LIMIT] * 2])
    return tuple(_event(*row) for row in rows)


def _connection() -> BaseDatabaseWrapper:
    return connections[router.db_for_read(Event)]


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with _connection().cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _parsed(rows: list[tuple[Any, ...]], limit: int) -> PageRead:
    builds: dict[str, BuildKey] = {}
    version, person, epoch, own, other, events = 0, None, 0, 0, 0, []
    for part, name, item, kind, quantity, at in rows:
        if part == _BUILD:
            builds[name] = BuildKey(int(item), int(at))
        elif part == _STAMP:
            version = int(item)
        elif part == _WHO:
            person, epoch = int(item), int(at)
        else:
            own += part == _OWN
            other += part == _OTHER
            events.append(_event(name, item, kind, quantity, at))
    events.sort(key=_newest_first)
    complete = own < limit and other < limit
    return PageRead(builds, version, person, epoch, tuple(events), complete=complete)


def _event(key: str, item: Any, kind: Any, quantity: Any, at: Any) -> PastEvent:
    # MySQL makes decimals of a column whose parts are signed here and unsigned there.
    return PastEvent(int(item), key, int(kind), float(quantity), int(at))


def _newest_first(event: PastEvent) -> tuple[int, int]:
    """Lines of one order have one instant; their order must not be the database's choice."""
    return -event.occurred_at, event.item


def _table(model: type[Any]) -> str:
    name: str = model._meta.db_table
    return name


_OWNER: Final = "= (SELECT id FROM person)"
_OTHERS: Final = (
    f"IN (SELECT o.id FROM {_table(Visitor)} o WHERE o.person_id = (SELECT id FROM person)"
    " AND o.id <> (SELECT id FROM person))"
)
_PERSON: Final = f"""
WITH person AS (
  SELECT MIN(p.id) AS id, MIN(p.epoch) AS epoch FROM {_table(IdentityRow)} d
  JOIN {_table(Visitor)} v ON v.id = d.visitor_id
  JOIN {_table(Visitor)} p ON p.id = COALESCE(v.person_id, v.id)
  WHERE d.tenant = %s AND d.kind = %s AND d.digest IN ({{digests}})
    AND p.choice <> {Visitor.Choice.REFUSED.value}
    AND (d.kind <> {IdentityKind.VISITOR.value} OR v.person_id IS NULL OR v.person_id = v.id)
)"""
_COMMON: Final = f"""
SELECT {_BUILD} AS part, l.alias AS name, l.build_id AS item, 0 AS kind, 0 AS quantity, b.created_at AS at
FROM {_table(LiveBuild)} l JOIN {_table(Build)} b ON b.id = l.build_id WHERE l.tenant = %s
UNION ALL SELECT {_STAMP}, s.name, s.version, 0, 0, 0
FROM {_table(Stamp)} s WHERE s.tenant = %s AND s.name = 'catalog'
"""
# A visitor's own rows and those of the same person's other visitors are asked for apart: the first come by
# (visitor, occurred_at) in index order, so that a long history costs no sorting, and one condition for both would
# make MariaDB read the whole table. Items are joined after the limit.
_EVENTS: Final = f"""
SELECT e.item_id, e.kind, e.quantity, e.occurred_at FROM {_table(Event)} e
WHERE e.visitor_id {{whose}} AND e.kind IN ({", ".join(str(kind.value) for kind in _KINDS)})
  AND e.flags = 0 AND e.item_id IS NOT NULL AND e.occurred_at < %s
ORDER BY e.occurred_at DESC, e.id DESC LIMIT %s
"""
_RATINGS: Final = f"""
SELECT r.item_id, {Kind.RATE.value} AS kind,
  COALESCE((r.value - r.scale_low) / NULLIF(1.0 * (r.scale_high - r.scale_low), 0), 0) AS quantity,
  r.rated_at AS occurred_at
FROM {_table(Rating)} r WHERE r.visitor_id {{whose}} AND r.rated_at < %s
ORDER BY r.rated_at DESC LIMIT %s
"""


def _part(part: int, rows: str, whose: str) -> str:
    return f"""
UNION ALL SELECT {part}, i.{{key}}, h.item_id, h.kind, h.quantity, h.occurred_at
FROM ({rows.format(whose=whose)}) h JOIN {_table(Item)} i ON i.id = h.item_id"""


_PERSONAL: Final = (
    _COMMON
    + f"UNION ALL SELECT {_WHO}, '', id, 0, 0, epoch FROM person WHERE id IS NOT NULL"
    + _part(_OWN, _EVENTS, _OWNER)
    + _part(_OTHER, _EVENTS, _OTHERS)
    + _part(_RATING, _RATINGS, _OWNER)
    + _part(_RATING, _RATINGS, _OTHERS)
)
_SUMMED: Final = f"""
SELECT i.{{key}}, h.item_id, h.kind, SUM(h.quantity), MAX(h.occurred_at) FROM (
  SELECT * FROM ({_EVENTS.format(whose=_OWNER)}) own
  UNION ALL SELECT * FROM ({_EVENTS.format(whose=_OTHERS)}) others
) h JOIN {_table(Item)} i ON i.id = h.item_id GROUP BY i.{{key}}, h.item_id, h.kind
"""


@lru_cache
def _personal_sql(sql: str, digests: int, vendor: str) -> str:
    quoted = "`key`" if vendor == "mysql" else '"key"'  # a reserved word on MySQL
    return (_PERSON + sql).format(key=quoted, digests=", ".join(["%s"] * digests))
