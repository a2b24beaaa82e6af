"""What the shop sells: every kind of article in ``data/kinds.csv``, as made by the brands of ``data/brands.csv``."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from shop_demo.seed.wording import describe, describe_size, show_weight, size_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA = Path(__file__).resolve().parent.parent / "data"

#: The themes of tastes. The first tags of an article name those that it is for, the one it is made for first.
ACTIVITIES = (
    *(_("camping"), _("climbing"), _("cycling"), _("family"), _("hiking"), _("paddling"), _("running")),
    _("winter"),
)

#: The categories and how their article numbers begin; the names are data, so they are only marked for translation.
CATEGORIES = {
    _("Backpacks"): "PAC",
    _("Bikepacking"): "BIK",
    _("Camp kitchen"): "KIT",
    _("Climbing"): "CLI",
    _("Clothing"): "CLO",
    _("Food & care"): "FUD",
    _("Footwear"): "FTW",
    _("Navigation & light"): "NAV",
    _("Paddling & water"): "PAD",
    _("Sleeping bags & mats"): "SLP",
    _("Snow & ice"): "SNO",
    _("Tents"): "TEN",
}

MADE_OF_EACH_KIND = 10
CONSUMABLE = _("consumable")
EATEN = ("energy gels", "trail meal")


@dataclass(frozen=True, slots=True)
class Brand:
    """Who makes an article. ``level``: 0 cheap … 1 dear; ``lines``: one name for every other category; ``stores``: where
    it is sold."""

    name: str
    uses: tuple[str, ...]
    stores: tuple[str, ...]
    level: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of ``data/kinds.csv``. ``repeat_days``: how long it lasts before it is bought again, 0: for good."""

    category: str
    name: str
    name_zh: str
    shape: str
    uses: tuple[str, ...]
    sizes: tuple[str, ...]
    prices: tuple[float, float]
    grams: int
    materials: tuple[str, ...]
    season: str
    repeat_days: int
    goes_with: tuple[str, ...]
    texts: dict[str, str]  #: by language


@dataclass(frozen=True, slots=True)
class Article:
    """A product before there is a row."""

    sku: str
    name: str
    name_zh: str
    kind: Kind
    brand: Brand
    price: Decimal
    attributes: dict[str, str]
    descriptions: dict[str, str]  #: by language

    @property
    def category(self) -> str:
        return self.kind.category

    @property
    def tags(self) -> list[str]:
        return [*self.kind.uses, *([CONSUMABLE] if self.kind.repeat_days else [])]


@cache
def read_brands() -> tuple[Brand, ...]:
    return tuple(
        Brand(
            row["brand"],
            _parts(row["uses"]),
            _parts(row["stores"]),
            float(row["level"]),
            _parts(row["lines"]),
        )
        for row in _rows("brands.csv")
    )


def read_kinds() -> list[Kind]:
    return [_kind(row) for row in _rows("kinds.csv")]


def read_assortment() -> list[Article]:
    """Ten articles of every kind: the brands nearest to what it is for, in each size. Nothing is drawn by chance."""
    brands = read_brands()
    numbers = dict.fromkeys(CATEGORIES, 0)
    articles = []
    for kind in read_kinds():
        for brand, rank in _makers(kind, brands):
            numbers[kind.category] += 1
            sku = f"{CATEGORIES[kind.category]}-{numbers[kind.category]:03}"
            articles.append(_article(sku, kind, brand, rank))
    return articles


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=";")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _kind(row: dict[str, str]) -> Kind:
    return Kind(
        category=row["category"],
        name=row["kind"],
        name_zh=row["kind_zh"],
        shape=row["shape"],
        uses=_parts(row["uses"]),
        sizes=_parts(row["sizes"]),
        prices=(float(row["low"]), float(row["high"])),
        grams=int(row["grams"]),
        materials=_parts(row["materials"]),
        season=row["season"],
        repeat_days=int(row["repeat_days"] or 0),
        goes_with=_parts(row["goes_with"]),
        texts={"en": row["text"], "zh-hans": f"{row['kind_zh']}：{row['text_zh']}"},
    )


def _makers(kind: Kind, brands: Sequence[Brand]) -> Iterator[tuple[Brand, int]]:
    """Brands, and which of the kind's sizes. The more a brand is about what the kind is for, the sooner it makes it."""
    near = sorted(
        brands,
        key=lambda brand: -sum(1 / (1 + row) for row, use in enumerate(kind.uses) if use in brand.uses),
    )
    count = -(-MADE_OF_EACH_KIND // len(kind.sizes))
    return islice(product(near[:count], range(len(kind.sizes))), MADE_OF_EACH_KIND)


def _article(sku: str, kind: Kind, brand: Brand, rank: int) -> Article:
    size = kind.sizes[rank]
    line = brand.lines[list(CATEGORIES).index(kind.category) % len(brand.lines)]
    bigness = rank / (len(kind.sizes) - 1)
    low, high = kind.prices
    price = low + (high - low) * (0.6 * brand.level + 0.4 * bigness)
    material = kind.materials[brand.level < 0.5]
    weight = show_weight(_grams(kind, brand, rank))
    return Article(
        sku=sku,
        name=f"{line} {size} {kind.name}",
        name_zh=f"{line} {size_in('zh-hans', size)} {kind.name_zh}",
        kind=kind,
        brand=brand,
        price=_price_tag(price),
        attributes={
            "weight": weight,
            "flavor" if kind.name in EATEN else "material": material,
            "season": kind.season,
            **describe_size(size),
        },
        descriptions={
            language: describe(language, text, material=material, weight=weight, level=brand.level)
            for language, text in kind.texts.items()
        },
    )


def _grams(kind: Kind, brand: Brand, rank: int) -> float:
    """Consumables weigh what is in them, everything else less the dearer it is."""
    if kind.repeat_days:
        smallest, this = (float(re.match(r"\d+", kind.sizes[row])[0]) for row in (0, rank))
        return kind.grams * this / smallest
    return kind.grams * (0.85 + 0.35 * rank / (len(kind.sizes) - 1)) * (1.12 - 0.24 * brand.level)


def _price_tag(price: float) -> Decimal:
    """Whole units above 20, else ending in .50 or .95."""
    if price > 20:
        return Decimal(round(price)).quantize(Decimal("0.01"))
    return Decimal(int(price)) + (Decimal("0.95") if price % 1 >= 0.5 else Decimal("0.50"))
