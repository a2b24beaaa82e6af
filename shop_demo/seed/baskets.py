"""What people buy together: a lead product of one's taste, and what goes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from shop_demo.seed.assortment import ACTIVITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from shop_demo.seed.assortment import Article
    from shop_demo.seed.people import Shopper

#: Whoever buys in the first category takes something from another one with this chance.
GOES_WITH: dict[str, tuple[tuple[str, float], ...]] = {
    "Tents": (("Sleeping bags & mats", 0.65), ("Camp kitchen", 0.35), ("Navigation & light", 0.2)),
    "Sleeping bags & mats": (("Sleeping bags & mats", 0.5), ("Camp kitchen", 0.2)),
    "Backpacks": (("Paddling & water", 0.25), ("Navigation & light", 0.3), ("Clothing", 0.2)),
    "Footwear": (("Clothing", 0.35), ("Climbing", 0.2), ("Footwear", 0.15)),
    "Clothing": (("Clothing", 0.35), ("Footwear", 0.15)),
    "Climbing": (("Climbing", 0.7), ("Footwear", 0.25), ("Climbing", 0.35)),
    "Camp kitchen": (("Camp kitchen", 0.6), ("Tents", 0.1)),
    "Navigation & light": (("Navigation & light", 0.25), ("Backpacks", 0.15)),
    "Bikepacking": (("Bikepacking", 0.6), ("Navigation & light", 0.25), ("Clothing", 0.2)),
    "Paddling & water": (("Paddling & water", 0.6), ("Footwear", 0.15), ("Clothing", 0.15)),
}

FAITH = 0.86  #: how often a basket follows the first taste before another one, and any taste before none


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order: a row of the assortment, and how many."""

    article: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """An order before there is a row."""

    shopper: int
    placed_at: datetime
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Market:
    """How likely an article sells at all: its fame, a trend, its price, and what it is for."""

    assortment: list[Article]
    rng: np.random.Generator
    fame: NDArray[np.float64] = field(init=False)
    trend: NDArray[np.float64] = field(init=False)
    dearness: NDArray[np.float64] = field(init=False)
    suits: NDArray[np.bool_] = field(init=False)
    category: NDArray[np.str_] = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.assortment)
        self.fame = 1 / (1 + self.rng.permutation(size)) ** 0.55
        self.trend = self.rng.normal(0, 0.9, size)
        self.category = np.array([article.category for article in self.assortment])
        self.dearness = self._dearness()
        self.suits = np.array(
            [[activity in article.activities for article in self.assortment] for activity in ACTIVITIES]
        )

    def _dearness(self) -> NDArray[np.float64]:
        """0 for the cheapest article of its category … 1 for the dearest."""
        prices = np.array([float(article.price) for article in self.assortment])
        dearness = np.zeros(len(prices))
        for category in np.unique(self.category):
            rows = np.flatnonzero(self.category == category)
            dearness[rows] = prices[rows].argsort().argsort() / max(len(rows) - 1, 1)
        return dearness

    def beside(self, row: int) -> NDArray[np.float64]:
        """Weight of every article that stands on the same shelf: its category, and something it is for."""
        alike = self.suits[self.suits[:, row]].any(axis=0) & (self.category == self.category[row])
        return np.where(alike, self.fame, 0.0)

    def demand(self, shopper: Shopper, activity: str, age: float) -> NDArray[np.float64]:
        """Weight of every article. ``age``: 0 today … 1 a year ago."""
        fit = np.exp(-1.5 * np.abs(1 - shopper.thrift - self.dearness))
        weights = self.fame * fit * np.exp(self.trend * (0.5 - age))
        return np.where(self.suits[ACTIVITIES.index(activity)], weights, 0.0)


def draw_baskets(market: Market, shoppers: list[Shopper], *, today: datetime) -> list[Basket]:
    """Every order of the year before ``today``, oldest first."""
    baskets = [
        basket
        for row, shopper in enumerate(shoppers)
        for basket in _year_of(market, row, shopper, today=today)
    ]
    return sorted(baskets, key=lambda basket: (basket.placed_at, basket.shopper))


def _year_of(market: Market, row: int, shopper: Shopper, *, today: datetime) -> Iterator[Basket]:
    owned: set[int] = set()
    days = np.sort(market.rng.uniform(0.5, shopper.since_days, shopper.orders))[::-1]
    for days_ago in days:
        moment = _shopping_hour(market.rng, today - timedelta(days=float(days_ago)), today)
        demand = market.demand(shopper, draw_activity(market.rng, shopper), float(days_ago) / 365)
        lines = tuple(_fill(market, demand, owned))
        if lines:
            yield Basket(row, moment, lines)


def draw_activity(rng: np.random.Generator, shopper: Shopper) -> str:
    """Mostly the first taste, then the next, and now and then a present for somebody else."""
    for taste in shopper.tastes:
        if rng.random() < FAITH - 0.2 * (len(shopper.tastes) - 1) * (taste == shopper.tastes[0]):
            return taste
    return str(rng.choice(ACTIVITIES))


def _shopping_hour(rng: np.random.Generator, moment: datetime, today: datetime) -> datetime:
    """Between eight and half past ten in the evening, never in the future."""
    minutes = int(np.clip(rng.normal(17 * 60, 200), 8 * 60, 22 * 60 + 30))
    hour = moment.replace(
        hour=minutes // 60, minute=minutes % 60, second=int(rng.integers(60)), microsecond=0
    )
    return hour if hour < today else hour - timedelta(days=1)


def _fill(market: Market, demand: NDArray[np.float64], owned: set[int]) -> Iterator[Line]:
    lead = _pick(market, demand, owned)
    if lead is None:
        return
    yield _line(market, lead)
    for category, chance in GOES_WITH[market.assortment[lead].category]:
        if market.rng.random() < chance:
            companion = _pick(market, np.where(market.category == category, demand, 0.0), owned)
            if companion is not None:
                yield _line(market, companion)


def _pick(market: Market, demand: NDArray[np.float64], owned: set[int]) -> int | None:
    """One article by weight; nobody buys the same tent twice."""
    weights = demand.copy()
    weights[list(owned)] = 0
    total = weights.sum()
    if total <= 0:
        return None
    row = int(np.searchsorted(np.cumsum(weights), market.rng.random() * total, side="right"))
    owned.add(row)
    return row


def _line(market: Market, row: int) -> Line:
    again = market.assortment[row].bought_again
    return Line(row, 1 + int(market.rng.poisson(1.2)) if again else 1)
