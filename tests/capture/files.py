"""Files and catalogs that the tests of the imports read."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

from personalization.capture.event_columns import EventColumnNames
from personalization.capture.event_import import import_events
from personalization.capture.item_import import ItemColumnNames, import_items
from personalization.engine.types import ItemRecord, Kind
from personalization.store.items import IMPORTED, upsert_items

NOW = 1_763_900_000_000_000  #: 2025-11-23
TIME = "2025-07-01T10:00:00Z"
HEADER = ["order_id", "customer_id", "sku", "quantity", "unit_price", "ordered_at"]
ORDERS = EventColumnNames("customer_id", "sku", "ordered_at", "quantity", "unit_price", "order_id")
VISITS = EventColumnNames("customer_id", "sku", "ordered_at")
ITEMS = ItemColumnNames("sku", "title", "category", "price", "currency", "tags")

read_orders = partial(import_events, names=ORDERS, kind=Kind.PURCHASE, now=NOW)
read_visits = partial(import_events, names=VISITS, kind=Kind.VIEW, now=NOW)
read_items = partial(import_items, names=ITEMS, now=NOW)


def order_line(order="1", visitor="ann", sku="cup", quantity="1", price="9.99", time=TIME) -> list[str]:
    return [order, visitor, sku, quantity, price, time]


def write(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def store_items(*keys: str, tenant: str = "") -> None:
    upsert_items([ItemRecord(key=key) for key in keys], tenant=tenant, origin=IMPORTED, now=NOW)
