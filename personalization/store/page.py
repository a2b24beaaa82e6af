"""What one page needs from our tables, in one statement: what is live, and what its visitor did last."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connections, router

from personalization.conf import settings
from personalization.engine.types import Kind
from personalization.models import (
    Build,
    CampaignView,
    Coupon,
    Event,
    Item,
    LiveBuild,
    Rating,
    Stamp,
    Visitor,
)
from personalization.store.listed import (
    NO_LISTS,
    OTHER_LIST,
    OWN_LIST,
    ListsAsked,
    StoredList,
    digits_sql,
    list_sql,
    read_lists,
)
from personalization.store.person_sql import PERSON_ROWS
from personalization.store.versions import RULES
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Mapping

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

#: The stamp that grows when the catalog's cards do not say any more what was imported.
_CATALOG: Final = "catalog"

_BUILD, _STAMP, _OWN, _OTHER, _RATING, _WHO, _PUBLIC_CODE, _HELD_CODE, _VIEWED = 1, 2, 3, 4, 5, 6, 7, 8, 9


class PastEvent(NamedTuple):
    """What the person did with an item. ``quantity``: pieces; of a rating the share of its scale, 0 … 1."""

    item: int
    key: str
    kind: int
    quantity: float
    occurred_at: int


class BuildKey(NamedTuple):
    """Which build is live. The instant tells apart builds of equal number in different databases.

    ``lists``: it worked out something for each visitor.
    """

    id: int
    created_at: int
    lists: bool = False


class Marks(NamedTuple):
    """What live campaigns want to know of a page besides. ``views_since``: the first day whose views count, None for no
    views; ``coupons``: public ones; ``promotions``: those whose codes a person may hold."""

    views_since: int | None = None
    coupons: tuple[int, ...] = ()
    promotions: tuple[int, ...] = ()


NO_MARKS: Final = Marks()


class SeenCampaign(NamedTuple):
    """How often the person saw a campaign on a day."""

    campaign: int
    day: int
    impressions: int


@dataclass(frozen=True, slots=True)
class PageRead:
    """``events``: newest first. ``complete``: there are no older events than these. ``person``: the visitor that
    stands for the person, None when nothing is known or may be known; ``epoch``: its own. ``rules_version``: the stamp
    of segments, promotions and campaigns; ``codes``: by promotion, one that may be shown to the person; ``lists``: by
    build and `VisitorRow.Table`."""

    builds: dict[str, BuildKey]
    catalog_version: int = 0
    person: int | None = None
    epoch: int = 0
    events: tuple[PastEvent, ...] = ()
    complete: bool = True
    rules_version: int = 0
    seen_campaigns: tuple[SeenCampaign, ...] = ()
    codes: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[tuple[int, int], StoredList] = field(default_factory=dict)


def read_page(
    *,
    tenant: str,
    identity: Identity | None,
    before: int,
    marks: Marks = NO_MARKS,
    lists: ListsAsked = NO_LISTS,
) -> PageRead:
    """Live builds, the stamps, the newest events of this person that happened before an instant, the marks, and what
    live builds worked out for the person, as far as it is asked for.

    A person's events are those of every visitor who was found to be the same person. Somebody who refused has none;
    nor has a browser whose visitor belongs to a person: that history is shown to the person alone, who is signed in.
    """
    common = [tenant, tenant]
    more, wanted = _marked(marks, before, personal=identity is not None)
    if identity is None:
        return _parsed(_rows(_common_sql(_COMMON + more, _connection().vendor), [*common, *wanted]), 1)
    limit: int = settings.HISTORY_LIMIT
    digests = identity_digests(identity)
    person = [tenant, int(identity.kind), *digests]
    listed = [tenant, *lists.aliases] * 2 if lists.aliases else []
    sql = _personal_sql(_PERSONAL + _listed(lists) + more, len(digests), _connection().vendor)
    return _parsed(_rows(sql, [*person, *common, *[before, limit] * 4, *listed, *wanted]), limit)


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
    stamps, person, epoch, own, other, events, marked, listed = {}, None, 0, 0, 0, [], [], []
    for row in rows:
        part, name, item, kind, quantity, at = row
        if part == _BUILD:
            builds[name] = BuildKey(int(item), int(at), kind > 0)
        elif part == _STAMP:
            stamps[name] = int(item)
        elif part == _WHO:
            person, epoch = int(item), int(at)
        elif part >= OWN_LIST:
            listed.append(row)
        elif part >= _PUBLIC_CODE:
            marked.append(row)
        else:
            own += part == _OWN
            other += part == _OTHER
            events.append(_event(name, item, kind, quantity, at))
    events.sort(key=_newest_first)
    return PageRead(
        builds,
        stamps.get(_CATALOG, 0),
        person,
        epoch,
        tuple(events),
        complete=own < limit and other < limit,
        rules_version=stamps.get(RULES, 0),
        seen_campaigns=tuple(
            [SeenCampaign(int(row[2]), int(row[3]), int(row[4])) for row in marked if row[0] == _VIEWED]
        ),
        codes=_codes(marked),
        lists=read_lists(listed) if listed else {},
    )


def _codes(rows: list[tuple[Any, ...]]) -> dict[int, str]:
    """The person's own code comes before one for everybody; of several the same each time."""
    found = sorted((row[0], row[1], int(row[2])) for row in rows if row[0] != _VIEWED)
    public = {promotion: code for part, code, promotion in found if part == _PUBLIC_CODE}
    return public | {promotion: code for part, code, promotion in found if part == _HELD_CODE}


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
  SELECT MIN(p.id) AS id, MIN(p.epoch) AS epoch {PERSON_ROWS}
)"""
_COMMON: Final = f"""
SELECT {_BUILD} AS part, l.alias AS name, l.build_id AS item, b.visitor_rows AS kind, 0 AS quantity, b.created_at AS at
FROM {_table(LiveBuild)} l JOIN {_table(Build)} b ON b.id = l.build_id WHERE l.tenant = %s
UNION ALL SELECT {_STAMP}, s.name, s.version, 0, 0, 0
FROM {_table(Stamp)} s WHERE s.tenant = %s AND s.name IN ('{_CATALOG}', '{RULES}')
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
def _listed(asked: ListsAsked) -> str:
    if not asked.aliases:
        return ""
    return list_sql(OWN_LIST, asked, _OWNER) + list_sql(OTHER_LIST, asked, _OTHERS)


_USABLE: Final = f"""c.state = {Coupon.State.ACTIVE.value} AND (c.{{limit}} IS NULL OR c.taken < c.{{limit}})
  AND (c.expires_at IS NULL OR c.expires_at > %s)"""
_CODE: Final = f"SELECT {{part}}, c.code, c.promotion_id, 0, 0, 0 FROM {_table(Coupon)} c WHERE "


def _marked(marks: Marks, now: int, *, personal: bool) -> tuple[str, list[int]]:
    """What the statement asks besides for the marks, and with which parameters."""
    sql, parameters = "", list[int]()
    if marks.coupons:
        sql += (
            f" UNION ALL {_CODE.format(part=_PUBLIC_CODE)} c.id IN ({_places(marks.coupons)}) AND {_USABLE}"
        )
        parameters += [*marks.coupons, now]
    for whose in (_OWNER, _OTHERS) if personal else ():
        if marks.promotions:
            sql += (
                f" UNION ALL {_CODE.format(part=_HELD_CODE)} c.owner_id {whose} AND c.owned"
                f" AND c.promotion_id IN ({_places(marks.promotions)}) AND {_USABLE}"
            )
            parameters += [*marks.promotions, now]
        if marks.views_since is not None:
            sql += (
                f" UNION ALL SELECT {_VIEWED}, '', w.campaign_id, w.day, w.impressions, 0"
                f" FROM {_table(CampaignView)} w WHERE w.visitor_id {whose} AND w.day >= %s"
            )
            parameters.append(marks.views_since)
    return sql, parameters


def _places(values: tuple[int, ...]) -> str:
    return ", ".join(["%s"] * len(values))


@lru_cache
def _personal_sql(sql: str, digests: int, vendor: str) -> str:
    return _common_sql(_PERSON + sql, vendor, ", ".join(["%s"] * digests))


@lru_cache
def _common_sql(sql: str, vendor: str, digests: str = "") -> str:
    quote = "`" if vendor == "mysql" else '"'  # around words that some database keeps for itself
    words = {word: f"{quote}{word}{quote}" for word in ("key", "limit", "table")}
    return sql.format(**words, digests=digests, digits=digits_sql(vendor))
