"""Hands the shop's past to personalization, as any shop with a CSV export would: `import_items`, `import_events`, `import_ratings`."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db.models import Case, When

from shop_demo.models import OrderLine, Product
from shop_demo.stores import EUROPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shop_demo.seed.shop import Said, Seen

CRAWLER = "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.com/bot)"


def import_products() -> dict[str, Any]:
    """For the `catalog` adapter only: with the `shop` adapter personalization reads the products themselves."""
    products = Product.objects.select_related("category")
    rows = (
        (item.sku, item.name, item.category.name, item.price, "EUR", "|".join(item.tags)) for item in products
    )
    columns = ("sku", "title", "category", "price", "currency", "tags")
    options = [f"--{name}-column={name}" for name in columns[1:]]
    return _import("import_items", columns, rows, "--key-column=sku", *options)


def pull_orders() -> dict[str, Any]:
    """Every order, read through the shop's adapter. May be repeated: lines that are known are counted as duplicates."""
    answer = StringIO()
    call_command("import_orders", "--since=1970-01-01", "--json", stdout=answer)
    return dict(json.loads(answer.getvalue()))


def import_orders() -> dict[str, Any]:
    """For the `catalog` adapter only, which has no orders: every line as CSV. A file is in one currency, so lines of
    other stores go without their price."""
    price = Case(When(order__currency=EUROPE.currency, then="unit_price"))
    lines = OrderLine.objects.order_by("order__placed_at", "pk").values_list(
        "order__customer_id", "product__sku", "order__placed_at", "quantity", price, "order__number"
    )
    columns = ("customer", "sku", "placed_at", "quantity", "unit_price", "order_number")
    return _import_events(
        "purchase",
        columns,
        ((*line[:2], line[2].isoformat(), *line[3:]) for line in lines.iterator(chunk_size=2000)),
        "--quantity-column=quantity",
        "--price-column=unit_price",
        "--order-column=order_number",
    )


def import_seen(kind: str, seen: Iterable[Seen]) -> dict[str, Any]:
    """Product pages that were opened, or products that were put into carts."""
    rows = ((one.who, one.sku, one.at.isoformat()) for one in seen)
    return _import_events(kind, ("customer", "sku", "placed_at"), rows)


def import_crawled(seen: Iterable[Seen]) -> dict[str, Any]:
    """Product pages that machines opened, told apart by the names that they gave."""
    rows = ((one.who, one.sku, one.at.isoformat(), CRAWLER) for one in seen)
    columns = ("customer", "sku", "placed_at", "user_agent")
    return _import_events("view", columns, rows, "--identity=visitor", "--agent-column=user_agent")


def import_ratings(ratings: Iterable[Said]) -> dict[str, Any]:
    """Stars and words, as if each was given when it was given."""
    rows = ((said.who, said.sku, said.stars, said.at.isoformat(), said.text) for said in ratings)
    columns = ("customer", "sku", "stars", "rated_at", "words")
    names = ("--visitor-column=customer", "--item-column=sku", "--value-column=stars")
    return _import("import_ratings", columns, rows, *names, "--time-column=rated_at", "--text-column=words")


def _import_events(
    kind: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], *options: str
) -> dict[str, Any]:
    names = ("--visitor-column=customer", "--item-column=sku", "--time-column=placed_at")
    return _import("import_events", columns, rows, f"--kind={kind}", *names, *options)


def _import(
    command: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], *options: str
) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(rows)
        answer = StringIO()
        call_command(command, str(file), *options, "--json", stdout=answer)
        return dict(json.loads(answer.getvalue()))
