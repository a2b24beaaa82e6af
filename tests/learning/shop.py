"""A small shop's rows, made by hand."""

from __future__ import annotations

import numpy as np

from personalization.engine.ids import digest
from personalization.engine.types import Kind
from personalization.models import Event, Item, Visitor

DAY = 86_400_000_000
NOW = 1_700_000_000_000_000


def stock(*keys, tenant="", active=True):
    """Items by key."""
    rows = [
        Item(tenant=tenant, key=key, digest=digest(key), active=active, created_at=NOW, updated_at=NOW)
        for key in keys
    ]
    Item.objects.bulk_create(rows)
    return {item.key: item for item in Item.objects.filter(tenant=tenant)}


def visitors(count, *, tenant=""):
    for _ in range(count):
        Visitor.objects.create(tenant=tenant, created_at=NOW)
    return list(Visitor.objects.filter(tenant=tenant).order_by("pk"))


def happen(*lines, tenant="", kind=Kind.PURCHASE):
    """Store lines of (visitor, item, days ago)."""
    start = Event.objects.count()
    Event.objects.bulk_create(
        Event(
            digest=digest("test", tenant, str(start + number)),
            tenant=tenant,
            kind=kind,
            source=Event.Source.IMPORT,
            visitor=who,
            item=what,
            occurred_at=NOW - int(days * DAY),
            received_at=NOW,
        )
        for number, (who, what, days) in enumerate(lines)
    )


def busy_shop(*, people=60, items=12, seed=3, tenant=""):
    """Two groups of people, each buying from its own half of the shop, over a hundred days."""
    generator = np.random.default_rng(seed)
    things = list(stock(*(f"sku-{number:02}" for number in range(items)), tenant=tenant).values())
    lines = []
    for place, who in enumerate(visitors(people, tenant=tenant)):
        half = things[: items // 2] if place % 2 else things[items // 2 :]
        chosen = generator.choice(len(half), 4, replace=False)
        lines += [(who, half[index], float(generator.uniform(1, 100))) for index in chosen]
    happen(*lines, tenant=tenant)


class Clock:
    """A time of day that goes on by a millisecond each time somebody looks."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        self.now += 1000
        return self.now
