"""What the shop sells: the table in ``shop_demo/data/products.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext_noop as _

PRODUCTS_FILE = Path(__file__).resolve().parent.parent / "data" / "products.csv"

#: What people do outdoors; the first tags of a product name those that it is for.
ACTIVITIES = ("camping", "climbing", "cycling", "family", "hiking", "paddling", "running", "winter")

#: The categories; their names are data, so they are only marked for translation here.
CATEGORIES = (
    _("Backpacks"),
    _("Bikepacking"),
    _("Camp kitchen"),
    _("Climbing"),
    _("Clothing"),
    _("Footwear"),
    _("Navigation & light"),
    _("Paddling & water"),
    _("Sleeping bags & mats"),
    _("Tents"),
)


@dataclass(frozen=True, slots=True)
class Article:
    """One line of the assortment."""

    sku: str
    name: str
    category: str
    price: Decimal
    tags: tuple[str, ...]
    shape: str
    description: str

    @property
    def activities(self) -> tuple[str, ...]:
        return tuple(tag for tag in self.tags if tag in ACTIVITIES)

    @property
    def bought_again(self) -> bool:
        return "consumable" in self.tags


def read_assortment() -> list[Article]:
    with PRODUCTS_FILE.open(encoding="utf-8", newline="") as file:
        return [_article(row) for row in csv.DictReader(file)]


def _article(row: dict[str, str]) -> Article:
    return Article(
        sku=row["sku"],
        name=row["name"],
        category=row["category"],
        price=Decimal(row["price"]),
        tags=tuple(row["tags"].split("|")),
        shape=row["shape"],
        description=row["description"],
    )
