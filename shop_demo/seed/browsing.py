"""What people look at and put into carts: what they buy, what stands beside it, and what they only dream of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shop_demo.seed.baskets import moment
from shop_demo.seed.market import PAST, pick
from shop_demo.seed.people import PERSONAS

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from shop_demo.seed.baskets import Basket
    from shop_demo.seed.market import Market
    from shop_demo.seed.people import Shopper

VISITS = 3.0  #: a year, that end without an order
PER_VISIT = 4
COMPARED = 0.35  #: of what is bought, beside a rival
FORGOTTEN_CARTS = 0.12  #: of what is looked at in such a visit
BOTS, BOT_VIEWS = 4, (250, 600)


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody did something with a product: opened its page, or put it into the cart. Of bots: their number."""

    shopper: int
    article: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Browsing:
    """Everything that happened beside orders, oldest first."""

    views: list[Look]
    carts: list[Look]
    bots: list[Look]


def draw_browsing(
    market: Market, shoppers: list[Shopper], baskets: list[Basket], liking: NDArray[np.float64]
) -> Browsing:
    views, carts = _before_orders(market, baskets, liking)
    for look, forgotten in _visits(market, shoppers, liking):
        views.append(look)
        if forgotten:
            carts.append(look)
    return Browsing(_by_time(views), _by_time(carts), _by_time(_bots(market)))


def _by_time(looks: list[Look]) -> list[Look]:
    return sorted(looks, key=lambda look: (look.at, look.shopper, look.article))


def _before_orders(
    market: Market, baskets: list[Basket], liking: NDArray[np.float64]
) -> tuple[list[Look], list[Look]]:
    """Every article of an order is looked at and put into the cart, a rival of some is looked at first.

    The people one may sign in as compare nothing, so that what they are shown comes mostly from what they bought.
    """
    lines = [(basket, line.article) for basket in baskets for line in basket.lines]
    rng = market.rng
    minutes = rng.uniform(3, 60, len(lines))
    compared = rng.random(len(lines)) < COMPARED
    of = np.array([(basket.shopper, article) for basket, article in lines], dtype=np.int64).reshape(-1, 2)
    rival = _rivals(market, of[:, 1], sold=np.isfinite(liking[of[:, 0]]))
    views, carts = [], []
    for row, (basket, article) in enumerate(lines):
        second = int(basket.placed_at.timestamp()) % 86400
        at = moment(market.first_day, basket.day, second - int(minutes[row] * 60))
        views.append(Look(basket.shopper, article, at))
        carts.append(Look(basket.shopper, article, moment(market.first_day, basket.day, second - 60)))
        if compared[row] and basket.shopper >= len(PERSONAS):
            earlier = second - int(minutes[row] * 60) - 240
            views.append(Look(basket.shopper, int(rival[row]), moment(market.first_day, basket.day, earlier)))
    return views, carts


def _rivals(market: Market, articles: NDArray[np.int64], *, sold: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Another article of the same kind, not yet launched ones left out. ``sold``: (articles, all articles)"""
    alike = (market.kind[:, None] == market.kind) & ~np.eye(len(market.kind), dtype=bool)
    alike &= ~(market.new | (market.launched > 0))
    weights = np.where(alike, np.log(market.fame), -np.inf)
    return pick(market.rng, np.where(sold, weights[articles], -np.inf), 1)[:, 0]


def _visits(market: Market, shoppers: list[Shopper], liking: NDArray[np.float64]) -> list[tuple[Look, bool]]:
    """Visits without an order; the people one may sign in as were here in the last two weeks."""
    rng = market.rng
    counts = rng.poisson(VISITS, len(shoppers))
    counts[: len(PERSONAS)] = 1
    shopper = np.repeat(np.arange(len(shoppers)), counts)
    since = np.array([PAST - one.since_days for one in shoppers])[shopper]
    day = (since + rng.random(len(shopper)) * (PAST - since)).astype(np.int64)
    day[: len(PERSONAS)] = PAST - rng.integers(5, 14, len(PERSONAS))
    seen = pick(rng, liking[shopper] + market.pull[day], PER_VISIT)
    start = rng.integers(8 * 3600, 22 * 3600, len(shopper))
    pause = np.cumsum(rng.integers(20, 240, seen.shape), axis=1)
    forgotten = rng.random(seen.shape) < FORGOTTEN_CARTS
    forgotten[: len(PERSONAS)] = False
    return [
        (
            Look(
                int(shopper[row]), int(seen[row, step]), moment(market.first_day, int(day[row]), int(second))
            ),
            bool(forgotten[row, step]),
        )
        for row in range(len(shopper))
        for step, second in enumerate(start[row] + pause[row])
    ]


def _bots(market: Market) -> list[Look]:
    """Machines that walk through the whole shop, a page every few seconds."""
    rng = market.rng
    on_shelf = np.flatnonzero(~market.new)
    looks = []
    for bot in range(BOTS):
        day = int(rng.integers(PAST - 120, PAST))
        walk = rng.choice(on_shelf, size=min(int(rng.integers(*BOT_VIEWS)), len(on_shelf)), replace=False)
        looks += [
            Look(bot, int(article), moment(market.first_day, day, 3600 + 7 * step))
            for step, article in enumerate(walk)
        ]
    return looks
