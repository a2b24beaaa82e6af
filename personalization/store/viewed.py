"""The view history: one row per visitor and item."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connections, router, transaction

from personalization.models import ViewedItem

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS: Final = ("visitor_id", "item_id", "tenant", "views", "first_viewed_at", "last_viewed_at")
#: vendor → (head of the update, how the new value is called, smaller of two, larger of two)
_DIALECTS: Final = {
    "mysql": ("ON DUPLICATE KEY UPDATE", "VALUES({})", "LEAST", "GREATEST"),
    "postgresql": ("ON CONFLICT (visitor_id, item_id) DO UPDATE SET", "excluded.{}", "LEAST", "GREATEST"),
    "sqlite": ("ON CONFLICT (visitor_id, item_id) DO UPDATE SET", "excluded.{}", "MIN", "MAX"),
}


class View(NamedTuple):
    """One look at an item."""

    visitor: int
    item: int
    at: int


def record_views(views: Iterable[View], *, tenant: str) -> None:
    """Add views to the history. Calling it twice counts twice: pass only events that were really stored."""
    history: dict[tuple[int, int], tuple[int, int, int]] = {}
    for visitor, item, at in views:
        pair = visitor, item
        if pair in history:
            count, first, last = history[pair]
            history[pair] = (count + 1, min(first, at), max(last, at))
        else:
            history[pair] = (1, at, at)
    alias = router.db_for_write(ViewedItem)
    # In the order of the index, so that two writers meet in one order and never lock each other out.
    rows = [(*pair, tenant, *history[pair]) for pair in sorted(history)]
    with transaction.atomic(using=alias, savepoint=False), connections[alias].cursor() as cursor:
        cursor.executemany(_upsert(connections[alias].vendor), rows)


@lru_cache(maxsize=4)
def _upsert(vendor: str) -> str:
    head, new, least, greatest = _DIALECTS[vendor]
    table = ViewedItem._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s) {head} "
        f"views = {table}.views + {new.format('views')}, "
        f"first_viewed_at = {least}({table}.first_viewed_at, {new.format('first_viewed_at')}), "
        f"last_viewed_at = {greatest}({table}.last_viewed_at, {new.format('last_viewed_at')})"
    )
