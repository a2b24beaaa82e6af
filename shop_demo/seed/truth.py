"""What was planted, so that a test can tell how much of it was found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shop_demo.seed.assortment import ACTIVITIES
from shop_demo.seed.baskets import LATER, TOGETHER
from shop_demo.seed.browsing import BOTS
from shop_demo.seed.market import HELD_OUT, PEAKS, SWING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from shop_demo.seed.baskets import Basket, Habits
    from shop_demo.seed.market import Market
    from shop_demo.seed.people import Shopper

FILE = "truth.json"


def bot_name(number: int) -> str:
    return f"bot-{number + 1}"


def tell_truth(
    market: Market,
    shoppers: list[Shopper],
    baskets: Iterable[Basket],
    habits: Habits,
    *,
    seed: int,
    today: datetime,
) -> dict[str, Any]:
    """Everything by the names that the shop has for it: user names and article numbers."""
    skus = [article.sku for article in market.assortment]
    return {
        "seed": seed,
        "today": today.isoformat(),
        "held_out_days": HELD_OUT,
        "themes": list(ACTIVITIES),
        "seasons": {"peak_day_of_year": PEAKS, "swing": SWING},
        "companion_chance": {"in_the_same_order": TOGETHER, "within_five_weeks": LATER},
        "products": {sku: _product(market, row) for row, sku in enumerate(skus)},
        "companions": {
            sku: [skus[other] for other in market.companions[row]] for row, sku in enumerate(skus)
        },
        "shoppers": _shoppers(shoppers, habits, skus),
        "bots": [bot_name(number) for number in range(BOTS)],
        "held_out": [_order(basket, shoppers, skus) for basket in baskets if basket.held_out],
    }


def write_truth(truth: dict[str, Any], folder: Path) -> Path:
    """The file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return unfinished.replace(file)


def _order(basket: Basket, shoppers: list[Shopper], skus: list[str]) -> dict[str, Any]:
    return {
        "shopper": shoppers[basket.shopper].username,
        "at": basket.placed_at.isoformat(),
        "products": [skus[line.article] for line in basket.lines],
    }


def _shoppers(shoppers: list[Shopper], habits: Habits, skus: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        shopper.username: {
            "taste": _shares(shopper.taste),
            "thrift": round(shopper.thrift, 3),
            "brand": shopper.brand,
            "loyalty": round(shopper.loyalty, 3),
            "store": shopper.store,
            "buys_again": {},
        }
        for shopper in shoppers
    }
    for row, article, period in zip(habits.shopper, habits.article, habits.period, strict=True):
        told[shoppers[row].username]["buys_again"][skus[article]] = round(float(period), 1)
    return told


def _product(market: Market, row: int) -> dict[str, Any]:
    return {
        "themes": _shares(market.themes[row]),
        "season": market.assortment[row].kind.season,
        "fame": round(float(market.fame[row]), 3),
        "trend": round(float(market.trend[row]), 3),
        "new": bool(market.new[row]),
    }


def _shares(shares: Iterable[float]) -> dict[str, float]:
    """Themes with a share of a thousandth or more."""
    named = zip(ACTIVITIES, (round(float(share), 3) for share in shares), strict=True)
    return {activity: share for activity, share in named if share}
