"""What importing a file of purchases costs: CPU of this process and of its database server."""

from __future__ import annotations

import csv
import os
import random
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from personalization.capture.event_columns import EventColumnNames
from personalization.capture.event_import import import_events
from personalization.engine.types import ItemRecord, Kind
from personalization.models import Event
from personalization.store.events import Appended
from personalization.store.items import IMPORTED, upsert_items
from tests.benchmarks import Measurement, MissingRequirementError, interleave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.store.events import EventColumns

LINES, ITEMS, VISITORS, LINES_PER_ORDER, SEED, ROUNDS = 60_000, 2_000, 3_000, 20, 7, 5
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
NAMES = EventColumnNames("customer_id", "sku", "ordered_at", "quantity", "unit_price", "order_id")


def measure() -> Measurement:
    if connection.vendor not in {"sqlite", "postgresql"}:
        raise MissingRequirementError(
            "the CPU of a MariaDB server cannot be told apart; use SQLite or PostgreSQL"
        )
    # DEBUG logs every statement, which would slow the reference alone.
    with (
        override_settings(DEBUG=False),
        tempfile.TemporaryDirectory() as folder,
        empty_database(Path(folder)),
    ):
        path = Path(folder) / "orders.csv"
        write_orders(path, LINES)
        ours, reference = interleave(
            lambda: cpu_seconds(path), lambda: cpu_seconds(path, plain=True), rounds=ROUNDS
        )
    return Measurement(
        ours,
        reference,
        "CPU seconds",
        f"{LINES:,} order lines (seed {SEED}, {VISITORS:,} visitors, {ITEMS:,} items, Zipf; {LINES_PER_ORDER} lines per "
        f"order, 1 % repeated) into an empty {connection.vendor} table; the same reading, validation, line keys and "
        f"indexes on both sides; reference: bulk_create(batch_size=1000, ignore_conflicts=True); client and its server "
        f"process; medians of {ROUNDS}",
    )


def write_orders(path: Path, lines: int) -> None:
    """A file of orders as shops export them: heavy-tailed items and visitors, some lines twice in an order."""
    chance = random.Random(SEED)
    items = [f"{10_000 + number}{'ABC'[number % 3]}" for number in range(ITEMS)]
    skus = iter(chance.choices(items, [1 / (rank + 10) for rank in range(ITEMS)], k=lines))
    people = chance.choices(range(VISITORS), [1 / (rank + 10) for rank in range(VISITORS)], k=lines)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "customer_id", "sku", "quantity", "unit_price", "ordered_at", "country"])
        for number, sku in enumerate(skus):
            order = number // LINES_PER_ORDER
            moment = (START + timedelta(minutes=order % 500_000)).strftime("%Y-%m-%dT%H:%M:%SZ")
            price = f"{chance.randrange(20, 2000) / 100:.2f}"
            row = [
                500_000 + order,
                people[order],
                sku,
                chance.randrange(1, 25),
                price,
                moment,
                "United Kingdom",
            ]
            writer.writerow(row)


def cpu_seconds(path: Path, *, plain: bool = False) -> float:
    """CPU of one import into empty tables; ``plain`` stores as a Django developer would."""
    call_command("flush", verbosity=0, interactive=False)
    records = [ItemRecord(key=f"{10_000 + number}{'ABC'[number % 3]}") for number in range(ITEMS)]
    upsert_items(records, tenant="", origin=IMPORTED, now=NOW)
    before = _cpu()
    if plain:
        with patch("personalization.capture.event_writer.append_columns", _bulk_create):
            done = import_events(str(path), NAMES, kind=Kind.PURCHASE, now=NOW)
    else:
        done = import_events(str(path), NAMES, kind=Kind.PURCHASE, now=NOW)
    spent = _cpu() - before
    if done.stored != done.read or Event.objects.count() != done.read:
        raise AssertionError(f"both sides must store everything: {done}")
    return spent


def _bulk_create(events: EventColumns, *, kind: Kind, tenant: str, source: Any, now: int) -> Appended:
    rows = [
        Event(
            digest=digest,
            tenant=tenant,
            kind=kind,
            source=source,
            visitor_id=visitor,
            item_id=item,
            quantity=quantity,
            unit_price=price,
            order=order,
            occurred_at=moment,
            received_at=now,
        )
        for digest, visitor, item, moment, quantity, price, order in zip(
            events.digests,
            events.visitors,
            events.items,
            events.occurred_at,
            events.quantities,
            events.unit_prices,
            events.orders,
            strict=True,
        )
    ]
    Event.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return Appended(len(rows), 0)


def _cpu() -> float:
    """CPU seconds of this process and of the server process that works for it."""
    if connection.vendor == "sqlite":
        return time.process_time()
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError as error:
        raise MissingRequirementError(
            f"PostgreSQL must run on this machine: {stat} is not readable"
        ) from error
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """An empty database of our own beside that of DATABASE_URL; a file on SQLite, not memory."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = (
        str(folder / "import.sqlite3") if connection.vendor == "sqlite" else f"test_import_cpu_{os.getpid()}"
    )
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
