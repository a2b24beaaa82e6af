"""What live builds worked out for one visitor, as the page's one statement reads it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.signals import setting_changed

from personalization.engine.ranking import Scored
from personalization.engine.tables import CorruptTableError, unpack_row
from personalization.models import Build, LiveBuild, VisitorRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

#: ``part`` of the rows in the page's statement: of the visitor that stands for the person, of the person's others.
OWN_LIST, OTHER_LIST = 10, 11

#: What lists are for: `VisitorRow.Table`.
NEW_ITEMS: Final = VisitorRow.Table.VISITORS.value
ALL_ITEMS: Final = VisitorRow.Table.REPEATS.value

#: In hexadecimal digits, because the column beside it holds text in the other parts of the union.
_LIST: Final = f"""
UNION ALL SELECT {{part}}, {{{{digits}}}}, r.build_id, r.{{{{table}}}}, r.visitor_id, b.as_of
FROM {LiveBuild._meta.db_table} l JOIN {Build._meta.db_table} b ON b.id = l.build_id
  JOIN {VisitorRow._meta.db_table} r ON r.build_id = l.build_id
WHERE l.tenant = %s AND l.alias IN ({{aliases}}) AND r.visitor_id {{whose}} AND r.{{{{table}}}} IN ({{tables}})"""
_DIGITS: Final = {"postgresql": "encode(r.payload, 'hex')"}


class ListsAsked(NamedTuple):
    """Of which recommenders a page reads lists, and which of the two: `NEW_ITEMS`, `ALL_ITEMS`."""

    aliases: tuple[str, ...] = ()
    tables: tuple[int, ...] = ()

    def and_these(self, alias: str, tables: tuple[int, ...]) -> ListsAsked:
        return ListsAsked(tuple(sorted({*self.aliases, alias})), tuple(sorted({*self.tables, *tables})))


NO_LISTS: Final = ListsAsked()

#: tenant → what slots asked for of live builds that had lists.
_known: dict[str, ListsAsked] = {}


class StoredList(NamedTuple):
    """A packed list. ``as_of``: what happened from then on is not in it (UTC microseconds)."""

    payload: bytes
    as_of: int

    def read(self, n_items: int) -> Scored | None:
        """The items, best first; None when there are none, or it is damaged."""
        try:
            items, scores = unpack_row(self.payload)
        except CorruptTableError:
            logger.exception("a list that was worked out for a visitor is damaged")
            return None
        if len(items) and not 0 <= items.min() <= items.max() < n_items:
            logger.error("a list that was worked out for a visitor names an item outside the vocabulary")
            return None
        return Scored(items, scores) if len(items) else None


def held_lists(tenant: str) -> ListsAsked:
    """Which lists the next page should read, as far as this process knows."""
    return _known.get(tenant, NO_LISTS)


def hold_lists(tenant: str, asked: ListsAsked) -> ListsAsked:
    """From now on these are read with every page."""
    _known[tenant] = asked
    return asked


def list_sql(part: int, asked: ListsAsked, whose: str) -> str:
    """The part of the page's statement for these lists; its parameters: the tenant, and the aliases."""
    places, tables = ", ".join(["%s"] * len(asked.aliases)), ", ".join(map(str, asked.tables))
    return _LIST.format(part=part, aliases=places, tables=tables, whose=whose)


def digits_sql(vendor: str) -> str:
    """How a database writes bytes as hexadecimal digits."""
    return _DIGITS.get(vendor, "HEX(r.payload)")


def read_lists(rows: Iterable[tuple[Any, ...]]) -> Mapping[tuple[int, int], StoredList]:
    """By build and `VisitorRow.Table`; of a person without a list of its own, that of the newest other visitor."""
    # The visitor's own comes last, and stays.
    ordered = sorted(rows, key=lambda row: (-int(row[0]), int(row[4])))
    return {
        (int(build), int(table)): StoredList(bytes.fromhex(digits), int(as_of))
        for _, digits, build, table, _, as_of in ordered
    }


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        _known.clear()


setting_changed.connect(_forget, dispatch_uid="personalization.listed")
