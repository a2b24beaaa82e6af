"""Random pasts of many people in two tenants: views, orders, refunds, joins, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.rules import AMOUNT_SCALE, Moments, Numbers, OrderFact, Orders
from personalization.engine.types import Identity, IdentityKind, ItemRecord, Kind
from personalization.models import Event, Item, Visitor
from personalization.store.bulk import insert_columns
from personalization.store.events import EventRow, Source, append_events, event_digest
from personalization.store.fact_names import BOUGHT, FIRST_SEEN, LAST_SEEN, ORDERS, VIEWED
from personalization.store.items import item_ids, upsert_items
from personalization.store.viewed import View, record_views
from personalization.store.visitors import create_visitors, ensure_visitors

if TYPE_CHECKING:
    from random import Random

    from personalization.engine.rules import Columns
    from personalization.engine.rules.facts import Column

NOW: Final = 1_700_000_000_000_000
DAY: Final = 86_400_000_000
NAMES: Final = (FIRST_SEEN, LAST_SEEN, ORDERS, *BOUGHT, *VIEWED)

_TAGS: Final = ([], ["new"], ["new", "Red"], ["red", "", "new", "new"])
_PRICES: Final = (None, "0", "9.99", "0.0001", "19.9", "3.3333", "99999999999.9999")
_CURRENCIES: Final = ("EUR", "EUR", "EUR", "JPY", "")
_QUANTITIES: Final = ("1", "1", "2", "0.333", "3.5", "999999999")


@dataclass
class World:
    """People of a tenant, with the random things they did."""

    random: Random
    tenant: str = ""
    items: dict[str, int] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    rows: list[EventRow] = field(default_factory=list)
    views: list[View] = field(default_factory=list)

    def fill(self, people: int = 12) -> World:
        self._stock()
        self._people(people)
        for visitor in [*self._visitors(), *create_visitors(2, tenant=self.tenant, now=NOW - 400 * DAY)]:
            self._past(visitor)
        self.random.shuffle(self.rows)
        append_events(self.rows, tenant=self.tenant, source=Source.CODE, now=NOW)
        record_views(self.views, tenant=self.tenant)
        return self

    def _stock(self) -> None:
        for number in range(9):
            one = ItemRecord(
                f"{'aA'[number % 2]}{number // 2}",
                category=("Cafe", "café", "", "Tea")[number % 4],
                tags=tuple(self.random.choice(_TAGS)),
            )
            upsert_items([one], tenant=self.tenant, origin=Item.Origin.IMPORT, now=NOW)
            self.items |= item_ids([one.key], tenant=self.tenant)
            brand = self.random.choice(("Acme", "acme", ""))
            Item.objects.filter(pk=self.items[one.key]).update(brand=brand)

    def _people(self, count: int) -> None:
        """Users, browsers, addresses; a third of the browsers belong to somebody."""
        users = [self._visitor(IdentityKind.USER, f"user {number}") for number in range(count // 3)]
        for number in range(count):
            kind = self.random.choice((IdentityKind.VISITOR, IdentityKind.VISITOR, IdentityKind.EMAIL))
            visitor = self._visitor(kind, f"{number}@example.org")
            person = self.random.choice((None, None, visitor, *users))
            choice = self.random.choice((0, 0, 1, 2))
            Visitor.objects.filter(pk=visitor).update(person_id=person, choice=choice)
        for user in users:
            Visitor.objects.filter(pk=user).update(choice=self.random.choice((0, 0, 1, 2)))

    def _visitor(self, kind: IdentityKind, key: str) -> int:
        self.identities.append(Identity(kind, key))
        made = NOW - self.random.randrange(500) * DAY
        return ensure_visitors(kind, [key], tenant=self.tenant, now=made)[key]

    def _visitors(self) -> list[int]:
        return [
            pk
            for one in self.identities
            for pk in ensure_visitors(one.kind, [one.key], tenant=self.tenant, now=NOW).values()
        ]

    def _past(self, visitor: int) -> None:
        for _ in range(self.random.randrange(6)):
            self._look(visitor)
        for _ in range(self.random.randrange(4)):
            self._order(visitor)

    def _look(self, visitor: int) -> None:
        at, item = self._instant(), self._item()
        self._tell(Kind.VIEW, visitor, item, at, flags=self.random.choice((0, 0, 0, 1)))
        if not self.rows[-1].flags:
            self.views.append(View(visitor, item, at))

    def _order(self, visitor: int) -> None:
        order = self.random.choice(("", "A-1", "a-1", f"{visitor}-{len(self.rows)}"))
        at, currency = self._instant(), self.random.choice(_CURRENCIES)
        for _ in range(self.random.randrange(1, 4)):
            item, quantity, price = self._item(), *map(self.random.choice, (_QUANTITIES, _PRICES))
            values = {"order": order, "currency": currency}
            self._tell(Kind.PURCHASE, visitor, item, at, quantity=quantity, unit_price=price, **values)
            self._give_back(visitor, self.rows[-1])

    def _give_back(self, visitor: int, line: EventRow) -> None:
        """All of it, a part, more than that, or nothing; with or without saying of which order."""
        quantity = self.random.choice((None, None, None, line.quantity, "1", "0.001", "7"))
        if quantity is None:
            return
        values = {
            "quantity": quantity,
            "currency": line.currency,
            "order": self.random.choice((line.order, "")),
        }
        at = line.occurred_at + self.random.choice((-DAY, 0, DAY, 90 * DAY))
        price = self.random.choice((line.unit_price, None, "1"))
        self._tell(Kind.REFUND, visitor, line.item, at, unit_price=price, **values)

    def _tell(self, kind: Kind, visitor: int, item: int | None, at: int, **values: object) -> None:
        digest = event_digest(
            tenant=self.tenant, source=Source.CODE, visitor=visitor, client_id=str(len(self.rows))
        )
        self.rows.append(EventRow(digest, int(kind), visitor, item, at, **values))

    def _item(self) -> int:
        return self.random.choice(list(self.items.values()))

    def _instant(self) -> int:
        """Few different ones, so that many fall together; some lie ahead."""
        return NOW + self.random.choice((-400, -90, -30, -7, -1, 0, 1)) * DAY


def crowd(people: int, *, events: int, seed: int, tenant: str = "") -> list[str]:
    """User keys of people who each did so many things with 500 items: views mostly, orders of up to a few lines, some
    of them given back."""
    random, count = np.random.default_rng(seed), people * events
    records = [
        ItemRecord(f"item {i}", category=f"Category {i % 40}", tags=(f"tag {i % 30}",)) for i in range(499)
    ]
    records.append(ItemRecord("item 499", category="Tea"))
    upsert_items(records, tenant=tenant, origin=Item.Origin.IMPORT, now=NOW)
    items = np.array(list(item_ids([record.key for record in records], tenant=tenant).values()))
    visitors = ensure_visitors(
        IdentityKind.USER, [str(number) for number in range(people)], tenant=tenant, now=NOW - 365 * DAY
    )
    item = items[(random.random(count) ** 2 * len(items)).astype(int)].tolist()
    visitor = random.permutation(np.repeat(list(visitors.values()), events)).tolist()
    kind = random.choice(
        (Kind.VIEW, Kind.CART_ADD, Kind.PURCHASE, Kind.REFUND), count, p=(0.8, 0.1, 0.09, 0.01)
    )
    at = (NOW - random.integers(0, 365, count) * DAY).tolist()
    columns = {
        "digest": [random.bytes(16) for _ in range(count)],
        "visitor_id": visitor,
        "item_id": item,
        "kind": kind.tolist(),
        "occurred_at": at,
        "unit_price": [f"{number}.99" for number in random.integers(1, 90, count).tolist()],
        "order": [
            f"{who}-{number}" for who, number in zip(visitor, random.integers(0, 4, count), strict=True)
        ],
    }
    constants = {"tenant": tenant, "source": Source.CODE, "flags": 0, "quantity": "1", "currency": "EUR"}
    constants |= {
        "profit": None,
        "query": "",
        "recommendation": "",
        "position": None,
        "store": "",
        "received_at": NOW,
    }
    insert_columns(Event, columns, constants=constants)
    views = zip(visitor, item, at, (kind == Kind.VIEW).tolist(), strict=True)
    record_views([View(*view) for *view, looked in views if looked], tenant=tenant)
    return list(visitors)


def value_of(columns: Columns, name: str, row: int) -> object:
    """What a column says of one person, as the facts of one person say it."""
    column = columns.columns[name]
    assert column.known[row]
    return _read(column, row)


def _read(column: Column, row: int) -> object:
    if isinstance(column, Numbers):
        return int(column.values[row])
    entries = range(column.starts[row], column.starts[row + 1])
    if isinstance(column, Moments):
        assert len(set(column.codes[list(entries)].tolist())) == len(entries)
        return {column.vocabulary[column.codes[i]]: int(column.at[i]) for i in entries}
    assert isinstance(column, Orders)
    return [_order(column, i) for i in entries]


def _order(column: Orders, entry: int) -> tuple[int, int | None, str]:
    code = column.currencies[entry]
    amount = None if code < 0 else int(column.amounts[entry])
    return int(column.at[entry]), amount, column.vocabulary[code] if code >= 0 else ""


def comparable(value: object) -> object:
    """Orders of one instant stand in no particular order."""
    if isinstance(value, tuple):
        value = [_scaled(order) for order in value]
    return sorted(value, key=repr) if isinstance(value, list) else value


def _scaled(order: OrderFact) -> tuple[int, int | None, str]:
    amount = None if order.amount is None else order.amount * AMOUNT_SCALE
    assert amount is None or amount == int(amount)
    return order.at, amount if amount is None else int(amount), order.currency
