"""What people look at: some of what they buy, what stands beside it, and what they only dream of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shop_demo.seed.baskets import draw_activity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shop_demo.seed.baskets import Basket, Market
    from shop_demo.seed.people import Shopper


@dataclass(frozen=True, slots=True)
class Look:
    """A product page that was opened."""

    shopper: int
    article: int
    at: datetime


def draw_looks(
    market: Market, shoppers: list[Shopper], baskets: list[Basket], *, today: datetime
) -> list[Look]:
    """Looks before every order, and a recent visit of one in three shoppers; oldest first."""
    looks = [look for basket in baskets for look in _before(market, basket)]
    for row, shopper in enumerate(shoppers):
        if row < 3 or market.rng.random() < 0.33:
            looks.extend(_visit(market, row, shopper, today=today))
    return sorted(looks, key=lambda look: (look.at, look.shopper, look.article))


def _before(market: Market, basket: Basket) -> Iterator[Look]:
    for line in basket.lines:
        minutes = float(market.rng.uniform(3, 60))
        yield Look(basket.shopper, line.article, basket.placed_at - timedelta(minutes=minutes))
        if market.rng.random() < 0.6:
            beside = market.beside(line.article)
            article = market.rng.choice(len(beside), p=beside / beside.sum())
            yield Look(basket.shopper, int(article), basket.placed_at - timedelta(minutes=minutes + 5))


def _visit(market: Market, row: int, shopper: Shopper, *, today: datetime) -> Iterator[Look]:
    start = today - timedelta(hours=float(market.rng.uniform(2, 24 * 14)))
    demand = market.demand(shopper, draw_activity(market.rng, shopper), 0.0)
    count = int(market.rng.integers(3, 9))
    for article in market.rng.choice(len(demand), size=count, replace=False, p=demand / demand.sum()):
        yield Look(row, int(article), start)
        start += timedelta(seconds=float(market.rng.uniform(20, 240)))
