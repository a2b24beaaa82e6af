"""What people buy: what they like, what goes with it, and what is used up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from shop_demo.seed.assortment import ACTIVITIES
from shop_demo.seed.market import DAYS, PAST, pick
from shop_demo.seed.people import PERSONAS

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from shop_demo.seed.market import Market
    from shop_demo.seed.people import Shopper

#: Chance that a companion is bought in the same order, or else some weeks after it.
TOGETHER, LATER = 0.3, 0.25
LEADS = (0.65, 0.25, 0.10)  #: how many articles an order is about: 1, 2, 3
USES_UP = 0.35  #: from which share of a taste on somebody uses up what it needs …
REGULARS = 0.3  #: … and how many of those buy it here


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order: a row of the assortment, and how many."""

    article: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """An order before there is a row. ``day``: since the first of the year."""

    shopper: int
    day: int
    placed_at: datetime
    lines: tuple[Line, ...]

    @property
    def held_out(self) -> bool:
        return self.day > PAST


@dataclass(frozen=True, slots=True)
class Bought:
    """Columns, one row for each line: who, on which day, in which order, what."""

    shopper: NDArray[np.int64]
    day: NDArray[np.int64]
    article: NDArray[np.int64]

    def __add__(self, other: Bought) -> Bought:
        return Bought(
            np.concatenate([self.shopper, other.shopper]),
            np.concatenate([self.day, other.day]),
            np.concatenate([self.article, other.article]),
        )

    def where(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Bought:
        return Bought(self.shopper[kept], self.day[kept], self.article[kept])


@dataclass(frozen=True, slots=True)
class Habits:
    """Who buys which consumable again, and after how many days."""

    shopper: NDArray[np.int64]
    article: NDArray[np.int64]
    period: NDArray[np.float64]


def draw_baskets(
    market: Market, shoppers: list[Shopper], liking: NDArray[np.float64]
) -> tuple[list[Basket], Habits]:
    """Every order of the year and of the weeks that are held out, oldest first, and the habits behind some."""
    wanted = _wanted(market, shoppers, liking)
    habits = _habits(market, shoppers, liking)
    bought = wanted + _companions(market, wanted, liking) + _repeats(market, shoppers, habits)
    return _baskets(market, _once(market, bought)), habits


def _wanted(market: Market, shoppers: list[Shopper], liking: NDArray[np.float64]) -> Bought:
    """Orders on days of chance; a day is an order."""
    rng = market.rng
    since = np.array([PAST - shopper.since_days for shopper in shoppers])
    counts = np.array([shopper.orders for shopper in shoppers])
    shopper = np.repeat(np.arange(len(shoppers)), counts)
    day = (since[shopper] + rng.random(len(shopper)) * (DAYS - since[shopper])).astype(np.int64)
    day[day == PAST] -= 1
    lately = np.cumsum(counts)[: len(PERSONAS)] - 1  # people one may sign in as bought something this week
    day[lately] = PAST - rng.integers(1, 4, len(lately))
    chosen = pick(rng, liking[shopper] + market.pull[day], len(LEADS))
    leads = 1 + rng.choice(len(LEADS), size=len(shopper), p=LEADS)
    kept = np.arange(len(LEADS)) < leads[:, None]
    row = np.nonzero(kept)[0]
    return Bought(shopper[row], day[row], chosen[kept])


def _companions(market: Market, wanted: Bought, liking: NDArray[np.float64]) -> Bought:
    """What goes with the articles that people wanted, together with them or within five weeks."""
    rng = market.rng
    companion = market.companions[wanted.article]
    luck = rng.random(companion.shape)
    weeks = rng.integers(3, 36, companion.shape)
    day = wanted.day[:, None] + np.where(luck < TOGETHER, 0, weeks)
    day = np.where(day == PAST, PAST + 1, day)
    goes = (luck < TOGETHER + LATER) & (day < DAYS)
    goes &= np.isfinite(market.pull[np.minimum(day, DAYS - 1), companion])
    goes &= np.isfinite(liking[wanted.shopper[:, None], companion])
    row = np.nonzero(goes)[0]
    return Bought(wanted.shopper[row], day[goes], companion[goes])


def _habits(market: Market, shoppers: list[Shopper], liking: NDArray[np.float64]) -> Habits:
    """For every consumable of a taste the one article that somebody sticks to."""
    rng = market.rng
    tastes = np.array([shopper.taste for shopper in shoppers])
    on_shelf = np.where(market.off_shelf | market.new | (market.launched > 0), -np.inf, np.log(market.fame))
    rows, articles, periods = [], [], []
    for name in np.unique(market.kind[~market.durable]):
        of_kind = np.flatnonzero(market.kind == name)
        kind = market.assortment[of_kind[0]].kind
        share = tastes[:, [ACTIVITIES.index(use) for use in kind.uses]].sum(axis=1)
        who = np.flatnonzero((share > USES_UP) & (rng.random(len(shoppers)) < REGULARS))
        rows.append(who)
        articles.append(of_kind[pick(rng, (liking[who] + on_shelf)[:, of_kind], 1)[:, 0]])
        periods.append(kind.repeat_days * rng.lognormal(0, 0.3, len(who)))
    return Habits(np.concatenate(rows), np.concatenate(articles), np.concatenate(periods))


def _repeats(market: Market, shoppers: list[Shopper], habits: Habits) -> Bought:
    """Once a period, give or take a tenth of it."""
    since = np.array([PAST - shopper.since_days for shopper in shoppers])[habits.shopper]
    times = np.arange(int(DAYS / habits.period.min()) + 1) if len(habits.period) else np.arange(0)
    start = since + market.rng.random(len(since)) * habits.period
    wobble = market.rng.normal(0, 0.1, (len(since), len(times)))
    day = (start[:, None] + (times + wobble) * habits.period[:, None]).astype(np.int64)
    kept = (day >= since[:, None]) & (day < DAYS) & (day != PAST)
    row = np.nonzero(kept)[0]
    return Bought(habits.shopper[row], day[kept], habits.article[row])


def _once(market: Market, bought: Bought) -> Bought:
    """Nobody buys the same tent twice, and nothing stands twice in one order."""
    bought = bought.where(np.lexsort((bought.article, bought.day, bought.shopper)))
    same = bought.shopper * len(market.assortment) + bought.article
    same = same * (DAYS + 1) + np.where(market.durable[bought.article], 0, bought.day)
    return bought.where(np.sort(np.unique(same, return_index=True)[1]))


def _baskets(market: Market, bought: Bought) -> list[Basket]:
    """The lines of a shopper's day are an order, placed between eight and half past ten in the evening."""
    rng = market.rng
    pieces = np.where(market.durable[bought.article], 1, 1 + rng.poisson(0.8, len(bought.article)))
    firsts = np.flatnonzero(np.diff(bought.shopper * DAYS + bought.day, prepend=-1))
    seconds = np.clip(rng.normal(17, 3.3, len(firsts)), 8, 22.5) * 3600
    baskets = [
        Basket(
            int(bought.shopper[first]),
            int(bought.day[first]),
            moment(market.first_day, int(bought.day[first]), int(second)),
            tuple(Line(int(bought.article[row]), int(pieces[row])) for row in range(first, last)),
        )
        for first, last, second in zip(firsts, [*firsts[1:], len(pieces)], seconds, strict=True)
    ]
    return sorted(baskets, key=lambda basket: (basket.placed_at, basket.shopper))


def moment(first_day: date, day: int, second: int) -> datetime:
    return datetime.combine(first_day, time(), UTC) + timedelta(days=day, seconds=second)
