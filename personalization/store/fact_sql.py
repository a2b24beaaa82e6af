"""Pieces of SQL that say what is read of people: the same for one of them and for everybody, on every database.

The braces in them are filled in by `in_dialect`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.engine.rules import AMOUNT_SCALE
from personalization.engine.types import Kind
from personalization.models import Event
from personalization.store.fact_names import TAGS, TEXTS
from personalization.store.net_orders import PIECES

if TYPE_CHECKING:
    from collections.abc import Collection

#: vendor → type of a whole number in a CAST, type of a text, quotes around names, and a join that begins with what
#: stands on its left: MariaDB takes a person for half of all visitors, and would rather read every event.
_DIALECTS: Final = {
    "mysql": ("SIGNED", "CHAR", "`", "STRAIGHT_JOIN"),
    "postgresql": ("bigint", "text", '"', "JOIN"),
    "sqlite": ("INTEGER", "text", '"', "CROSS JOIN"),
}

_SIGNED: Final = f"CASE WHEN e.kind = {Kind.REFUND.value} THEN -ABS(e.quantity) ELSE e.quantity END"
#: Pieces, price, currency and order of a line, for events that are called ``e``: whole numbers, and two texts.
LINE: Final = (
    f"CAST(ROUND({PIECES} * {_SIGNED}) AS {{whole}})",
    f"COALESCE(CAST(ROUND({AMOUNT_SCALE} * e.unit_price) AS {{whole}}), -1)",
    "e.currency",
    "e.{quote}order{quote}",
)
#: Which events are lines that somebody stands behind. Takes the last instant that counts.
IS_LINE: Final = (
    f"e.kind IN ({Kind.PURCHASE.value}, {Kind.REFUND.value}) AND e.flags = 0"
    " AND e.item_id IS NOT NULL AND e.occurred_at <= %s"
)

_DID: Final = f"""COALESCE((SELECT e.occurred_at FROM {Event._meta.db_table} e
  WHERE e.visitor_id = v.id AND e.flags = 0 AND e.kind <> {Kind.REFUND.value} AND e.occurred_at <= %s
  ORDER BY e.occurred_at {{order}} LIMIT 1), 0)"""
#: When a visitor, who is called ``v``, did something first and last, 0 for never. Refunds are the shop's doing. Takes
#: the last instant that counts, twice.
DID: Final = (_DID.format(order="ASC"), _DID.format(order="DESC"))
NOT_ASKED: Final = ("0", "0")

#: When a row of the view history, which is called ``h``, counts; one that was looked at again after the last instant
#: by its first time. Takes that instant, and so does the condition.
VIEWED_AT: Final = "CASE WHEN h.last_viewed_at <= %s THEN h.last_viewed_at ELSE h.first_viewed_at END"
IS_VIEWED: Final = "h.first_viewed_at <= %s"


def item_column(column: str) -> str:
    """A column of an item, which is called ``i``, as text."""
    named = f"i.{{quote}}{column}{{quote}}"
    return f"CAST({named} AS {{text}})" if column == TAGS else named


def item_columns(columns: Collection[str]) -> list[str]:
    """All of them that facts may read, '' in the place of those that are not asked for."""
    return [item_column(column) if column in columns else "''" for column in TEXTS.values()]


def in_dialect(sql: str, vendor: str) -> str:
    """The statement with the words of one database."""
    whole, text, quote, then = _DIALECTS[vendor]
    return sql.format(whole=whole, text=text, quote=quote, then=then)
