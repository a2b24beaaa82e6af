"""The colors and sizes that articles are made in. Nothing is drawn: an article number says it all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zlib import crc32

from shop_demo.drawings import COLORS

if TYPE_CHECKING:
    from shop_demo.seed.assortment import Article

LETTERS: Final = ("XS", "S", "M", "L", "XL", "XXL")
#: Categories whose articles are made in two or three colors, apart from kinds that have none.
COLORED: Final = {"Backpacks", "Bikepacking", "Climbing", "Clothing", "Footwear", "Sleeping bags & mats"}
PLAIN_SHAPES: Final = {"carabiner", "tool", "chalk", "rope", "mat"}


@dataclass(frozen=True, slots=True)
class Made:
    """A variant before there is a row."""

    sku: str
    size: str
    color: str
    stock: int


def variants_of(article: Article, stock: int) -> list[Made]:
    """Every size in every color, with the article's stock between them; none for what is made in one way."""
    sizes, colors = _sizes(article), _colors(article)
    if len(sizes) * len(colors) == 1:
        return []
    ways = [(size, color) for color in colors for size in sizes]
    stocks = _between(stock, len(ways), crc32(article.sku.encode()))
    return [
        Made(_sku(article.sku, size, colors.index(color) if color else None), size, color, pieces)
        for (size, color), pieces in zip(ways, stocks, strict=True)
    ]


def _sizes(article: Article) -> tuple[str, ...]:
    """Sizes to wear; other articles have theirs in their name."""
    named = article.attributes.get("size", "")
    if article.category == "Footwear":
        return _shoe_sizes(named)
    return LETTERS if named in {"men's", "women's"} else ("",)


def _shoe_sizes(named: str) -> tuple[str, ...]:
    first, _, last = named.partition("–")
    if last:
        return tuple(map(str, range(int(first), int(last) + 1)))
    start = {"women's": 36, "men's": 40, "entry": 37, "edge": 37, "hook": 37}.get(named)
    return ("",) if start is None else tuple(map(str, range(start, start + 8)))


def _colors(article: Article) -> tuple[str, ...]:
    if article.category not in COLORED or article.kind.shape in PLAIN_SHAPES:
        return ("",)
    names, chance = list(COLORS), crc32(article.sku.encode()[::-1])
    return tuple(names[(chance + step * 3) % len(names)] for step in range(2 + chance // 64 % 2))


def _between(stock: int, ways: int, chance: int) -> list[int]:
    """Shares by a weight of 0 to 7 each, so that some are sold out; the largest gets what is left over."""
    weights = [chance * (way + 3) // 977 % 8 for way in range(ways)]
    total = sum(weights) or 1
    shares = [stock * weight // total for weight in weights]
    largest = max(range(ways), key=lambda way: weights[way])
    shares[largest] += stock - sum(shares)
    return shares


def _sku(sku: str, size: str, color: int | None) -> str:
    return "-".join([sku, *([] if color is None else ["ABC"[color]]), *([size] if size else [])])
