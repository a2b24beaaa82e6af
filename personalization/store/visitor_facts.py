"""What rules may know of one person, read from what happened: one statement, and only what is asked for."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connections, router

from personalization.engine.rules import AMOUNT_SCALE, OrderFact
from personalization.models import Event, Item, ViewedItem, Visitor
from personalization.store.fact_names import FIRST_SEEN, LAST_SEEN, ORDERS, Needs
from personalization.store.fact_sql import (
    DID,
    IS_LINE,
    IS_VIEWED,
    LINE,
    NOT_ASKED,
    VIEWED_AT,
    in_dialect,
    item_columns,
)
from personalization.store.item_texts import texts_of
from personalization.store.net_orders import Lines, net_lines
from personalization.store.person_sql import PERSON_ROWS
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from personalization.engine.types import Identity
    from personalization.store.net_orders import Net

_SEEN, _LINE, _VIEW = 1, 2, 3
#: What a line is made of.
_COLUMNS: Final = ("item", "pieces", "price", "currency", "order", "at")


class _Row(NamedTuple):
    """A row of any part. Of a visitor (_SEEN): ``id`` when it was made, ``at`` and ``item`` what it did first and
    last, 0 for nothing."""

    part: int
    id: int
    at: int
    item: int
    pieces: int
    price: int
    currency: str
    order: str
    key: str
    category: str
    brand: str
    tags: str


def read_visitor_facts(
    identity: Identity | None, *, tenant: str, now: int, names: Collection[str]
) -> dict[str, object]:
    """The values of those facts among ``names`` that are read from our tables, as they were at ``now``.

    A person's facts are those of every visitor who was found to be the same person. Nothing is known of nobody, of
    somebody who refused, of whom nothing is stored, nor of a browser whose visitor belongs to a person: that one's
    facts are the person's alone, who is signed in.
    """
    needs = Needs.of(names)
    if identity is None or not needs:
        return {}
    rows = _rows(identity, needs, tenant, now)
    if not any(row.part == _SEEN for row in rows):
        return {}
    facts = _seen(rows) | _bought(rows, needs) | _viewed(rows, needs)
    return {name: value for name, value in facts.items() if name in names}


def _rows(identity: Identity, needs: Needs, tenant: str, now: int) -> list[_Row]:
    digests = identity_digests(identity)
    person: list[str | int | bytes] = [tenant, int(identity.kind), *digests]
    connection = connections[router.db_for_read(Event)]
    sql, instants = _statement(needs, len(digests), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*person, *[now] * instants])
        return [_Row(*row) for row in cursor.fetchall()]


def _seen(rows: Iterable[_Row]) -> dict[str, object]:
    """A visitor may be made after what it did, by an import, or before all that is left of it."""
    visitors = [row for row in rows if row.part == _SEEN]
    first = min(min(row.id, row.at or row.id) for row in visitors)
    last = max(row.item for row in visitors) or max(row.id for row in visitors)
    return {FIRST_SEEN: first, LAST_SEEN: last}


def _bought(rows: Iterable[_Row], needs: Needs) -> dict[str, object]:
    if not needs.lines:
        return {}
    lines = sorted(row for row in rows if row.part == _LINE)  # as they were stored
    columns: dict[str, Sequence[Any]] = {name: [getattr(row, name) for row in lines] for name in _COLUMNS}
    currencies: dict[str, int] = {}
    net = net_lines(Lines.of({**columns, "person": [0] * len(lines)}, currencies))
    items = {row.item: row for row in lines}
    kept = [(items[item], at) for item, at in zip(net.item.tolist(), net.item_at.tolist(), strict=True)]
    facts: dict[str, object] = {name: _last(kept, column) for name, column in needs.bought}
    return facts | {ORDERS: _orders(net, list(currencies))}


def _orders(net: Net, currencies: Sequence[str]) -> tuple[OrderFact, ...]:
    orders = zip(net.at.tolist(), net.amount.tolist(), net.currency.tolist(), strict=True)
    return tuple(
        OrderFact(at, None) if code < 0 else OrderFact(at, Decimal(amount) / AMOUNT_SCALE, currencies[code])
        for at, amount, code in orders
    )


def _viewed(rows: Iterable[_Row], needs: Needs) -> dict[str, object]:
    viewed = [(row, row.at) for row in rows if row.part == _VIEW]
    return {name: _last(viewed, column) for name, column in needs.viewed}


def _last(items: Iterable[tuple[_Row, int]], column: str) -> dict[str, int]:
    last: dict[str, int] = {}
    for row, at in items:
        for text in texts_of(getattr(row, column), column):
            last[text] = max(at, last.get(text, at))
    return last


_VISITORS: Final = Visitor._meta.db_table
_PERSON: Final = f"""
WITH person AS (
  SELECT MIN(p.id) AS id {PERSON_ROWS}
), visitors AS (
  SELECT v.id, v.created_at FROM {_VISITORS} v WHERE v.id = (SELECT id FROM person)
  UNION SELECT o.id, o.created_at FROM {_VISITORS} o WHERE o.person_id = (SELECT id FROM person)
)"""


@lru_cache
def _statement(needs: Needs, digests: int, vendor: str) -> tuple[str, int]:
    """The statement, and how many instants it takes besides the parameters that name the person."""
    did = DID if needs.seen else NOT_ASKED
    parts = [f"SELECT {_SEEN}, v.created_at, {', '.join(did)}, 0, 0, '', '', '', '', '', '' FROM visitors v"]
    if needs.lines:
        parts.append(_lines([column for _, column in needs.bought]))
    if needs.viewed:
        parts.append(_views([column for _, column in needs.viewed]))
    instants = sum(part.count("%s") for part in parts)
    person = _PERSON.replace("{digests}", ", ".join(["%s"] * digests))
    return in_dialect(f"{person} {' UNION ALL '.join(parts)}", vendor), instants


def _lines(columns: Collection[str]) -> str:
    items = f"JOIN {Item._meta.db_table} i ON i.id = e.item_id" if columns else ""
    return (
        f"SELECT {_LINE}, e.id, e.occurred_at, e.item_id, {', '.join([*LINE, *item_columns(columns)])}"
        f" FROM visitors w {{then}} {Event._meta.db_table} e ON e.visitor_id = w.id {items} WHERE {IS_LINE}"
    )


def _views(columns: Collection[str]) -> str:
    return (
        f"SELECT {_VIEW}, 0, {VIEWED_AT}, h.item_id, 0, 0, '', '', {', '.join(item_columns(columns))}"
        f" FROM visitors w {{then}} {ViewedItem._meta.db_table} h ON h.visitor_id = w.id"
        f" JOIN {Item._meta.db_table} i ON i.id = h.item_id WHERE {IS_VIEWED}"
    )
