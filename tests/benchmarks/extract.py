"""Reading events for learning: one bytea per block on PostgreSQL, against a list of the same columns by the ORM."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from django.db.models.functions import Coalesce
from django.test import override_settings

from personalization.engine.ids import digest
from personalization.engine.types import ItemRecord, Kind
from personalization.models import Event, Item, Visitor
from personalization.store.bulk import insert_columns
from personalization.store.extract import extract_events
from personalization.store.items import IMPORTED, upsert_items
from tests.benchmarks import Measurement, MissingRequirementError, interleave
from tests.benchmarks.import_cpu import empty_database

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS, ITEMS, VISITORS, SEED, ROUNDS = 5_000_000, 2_000, 50_000, 11, 3
NOW = 1_767_225_600_000_000
SECOND = 1_000_000
BLOCK = 100_000


def measure() -> Measurement:
    if connection.vendor != "postgresql":
        raise MissingRequirementError("events are packed by PostgreSQL; give its DATABASE_URL")
    with (
        override_settings(DEBUG=False),
        tempfile.TemporaryDirectory() as folder,
        empty_database(Path(folder)),
    ):
        store_events(EVENTS)
        with connection.cursor() as cursor:
            # Else the server does so while it is measured.
            cursor.execute("VACUUM ANALYZE personalization_event")
        if checksum_of_ours() != checksum_of_rows():
            raise AssertionError("both sides must read the same")
        ours, reference = interleave(
            lambda: seconds(lambda: extract_events("", NOW)), lambda: seconds(rows), rounds=ROUNDS
        )
    return Measurement(
        ours,
        reference,
        "s wall",
        f"{EVENTS:,} purchases (seed {SEED}, {VISITORS:,} visitors, {ITEMS:,} items, uniform) into arrays, against "
        f"list(Event.objects.values_list(…)) of the same columns, which has no array yet; medians of {ROUNDS}",
    )


def store_events(count: int) -> None:
    rng = np.random.default_rng(SEED)
    upsert_items([ItemRecord(key=f"sku-{n}") for n in range(ITEMS)], tenant="", origin=IMPORTED, now=NOW)
    Visitor.objects.bulk_create([Visitor(created_at=NOW) for _ in range(VISITORS)], batch_size=5_000)
    items = np.array(Item.objects.values_list("pk", flat=True))
    people = np.array(Visitor.objects.values_list("pk", flat=True))
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        columns = {
            "digest": [digest("extract", str(start + n)) for n in range(size)],
            "visitor_id": rng.choice(people, size).tolist(),
            "item_id": rng.choice(items, size).tolist(),
            "quantity": rng.integers(1, 9, size).tolist(),
            "unit_price": [f"{cents / 100:.2f}" for cents in rng.integers(20, 9_900, size).tolist()],
            "order": [f"A-{number}" for number in rng.integers(0, count // 10, size).tolist()],
            "occurred_at": (NOW - rng.integers(1, 10**8, size) * SECOND).tolist(),
        }
        constants = {
            "tenant": "",
            "kind": Kind.PURCHASE.value,
            "source": Event.Source.IMPORT.value,
            "received_at": NOW,
        }
        insert_columns(Event, columns, constants={**defaults(), **constants})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself sooner or later


def defaults() -> dict[str, object]:
    """What an event has where nothing is said; columns without a default of their own are filled by `store_events`."""
    blank = Event()
    named = {field.attname: getattr(blank, field.attname) for field in Event._meta.concrete_fields}
    left_out = {
        "id",
        "digest",
        "visitor_id",
        "item_id",
        "quantity",
        "unit_price",
        "order",
        "occurred_at",
    }
    return {name: value for name, value in named.items() if name not in left_out and value is not None}


def rows() -> list[tuple[object, ...]]:
    """What a Django developer writes."""
    found = Event.objects.filter(tenant="", item__isnull=False, occurred_at__lt=NOW).order_by("pk")
    person = Coalesce("visitor__person_id", "visitor_id")
    return list(
        found.values_list(
            person, "item_id", "kind", "flags", "quantity", "unit_price", "order", "occurred_at"
        )
    )


def checksum_of_ours() -> tuple[int, int, int, float]:
    events = extract_events("", NOW)
    return len(events), int(events.person.sum()), int(events.item.sum()), float(events.quantity.sum())


def checksum_of_rows() -> tuple[int, int, int, float]:
    people, items, _, _, quantities, *_ = zip(*rows(), strict=True)
    return len(people), sum(people), sum(items), float(sum(quantities))


def seconds(read: Callable[[], object]) -> float:
    started = time.perf_counter()
    read()
    return time.perf_counter() - started
