"""How likely an article sells: to whom, when, and at what price."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from shop_demo.seed.assortment import ACTIVITIES

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from shop_demo.seed.assortment import Article
    from shop_demo.seed.people import Shopper

#: Days of the shop's past, and of the weeks after today that are drawn and held out.
PAST, HELD_OUT = 365, 28
DAYS = PAST + 1 + HELD_OUT  # today itself is left to the people who try the demo

#: Day of the year on which a season is at its height.
PEAKS = {"spring": 110, "summer": 190, "autumn": 285, "winter": 10}
FAME, TREND = 0.5, 0.5  #: spread of log sales between articles, and of their log growth over the year
SWING = 0.7  #: log of how much more than on average an article sells at the height of its season
ELASTICITY = 2.0  #: a tenth off sells about a fifth more
SOLD_OUT_SHARE, HIDDEN_SHARE, NEW_SHARE, LAUNCHED_SHARE, REPRICED_SHARE = 0.04, 0.03, 0.03, 0.12, 0.4

#: How sharp tastes are: exponent of the fit of themes, log weights of price level and of a trusted brand.
FOCUS, PRICE_SENSE, TRUST = 1.5, 3.0, 3.0
SECOND_USE = 0.45  #: how much an article is for its second theme, where the first is 1


@dataclass(slots=True)
class Market:
    """The assortment with all that moves its sales. Rows of arrays are articles; ``first_day`` is a year ago."""

    assortment: list[Article]
    rng: np.random.Generator
    first_day: date
    themes: NDArray[np.float64] = field(init=False)  #: (articles, activities) 0 … 1
    kind: NDArray[np.str_] = field(init=False)
    fame: NDArray[np.float64] = field(init=False)
    trend: NDArray[np.float64] = field(init=False)  #: log growth over the year
    dearness: NDArray[np.float64] = field(init=False)  #: 0 the cheapest of its kind … 1 the dearest
    durable: NDArray[np.bool_] = field(init=False)
    launched: NDArray[np.int64] = field(init=False)  #: day; below 0 before the first
    sold_out: NDArray[np.bool_] = field(init=False)
    hidden: NDArray[np.bool_] = field(init=False)
    prices: NDArray[np.float64] = field(init=False)  #: (articles, days)
    companions: NDArray[np.int64] = field(init=False)  #: (articles, 2) rows
    pull: NDArray[np.float64] = field(
        init=False
    )  #: (days, articles) log weights of everything but the shopper

    def __post_init__(self) -> None:
        size = len(self.assortment)
        self.themes = np.array([_themes(article) for article in self.assortment])
        self.kind = np.array([article.kind.name for article in self.assortment])
        self.durable = np.array([not article.kind.repeat_days for article in self.assortment])
        self.fame = self.rng.lognormal(0, FAME, size)
        self.trend = self.rng.normal(0, TREND, size)
        base = np.array([float(article.price) for article in self.assortment])
        self.dearness = self._dearness(base)
        self._draw_shelf(size)
        self.prices = self._draw_prices(base)
        self.companions = np.array([self._companions(row) for row in range(size)])
        self.pull = self._pull()

    @property
    def off_shelf(self) -> NDArray[np.bool_]:
        return self.sold_out | self.hidden

    @property
    def new(self) -> NDArray[np.bool_]:
        """Launched in the last days: nobody has seen it."""
        return self.launched >= PAST - 10

    def _dearness(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        dearness = np.zeros(len(prices))
        for kind in np.unique(self.kind):
            rows = np.flatnonzero(self.kind == kind)
            dearness[rows] = prices[rows].argsort(kind="stable").argsort() / (len(rows) - 1)
        return dearness

    def _draw_shelf(self, size: int) -> None:
        luck = self.rng.random(size)
        late, new = luck < LAUNCHED_SHARE, luck > 1 - NEW_SHARE
        self.launched = -self.rng.integers(30, 900, size)
        self.launched[late] = self.rng.integers(0, PAST - 60, late.sum())
        self.launched[new] = self.rng.integers(PAST - 10, PAST, new.sum())
        fate = self.rng.random(size)
        self.sold_out = (fate < SOLD_OUT_SHARE) & ~new
        self.hidden = (fate > 1 - HIDDEN_SHARE) & ~new

    def _draw_prices(self, base: NDArray[np.float64]) -> NDArray[np.float64]:
        """Some are cheaper for two to six weeks, some cost a little more from a day on."""
        factors = np.ones((len(base), DAYS))
        for row in np.flatnonzero(self.rng.random(len(base)) < REPRICED_SHARE):
            start = int(self.rng.integers(20, PAST - 60))
            if self.rng.random() < 0.7:
                factors[row, start : start + int(self.rng.integers(14, 43))] = self.rng.choice(
                    [0.75, 0.8, 0.85]
                )
            else:
                factors[row, :start] = 0.94
        return np.round(base[:, None] * factors, 2)

    def _companions(self, row: int) -> list[int]:
        """Of each kind that goes with it the article nearest in maker and price level."""
        article = self.assortment[row]
        return [self._nearest(row, article, kind) for kind in article.kind.goes_with]

    def _nearest(self, row: int, article: Article, kind: str) -> int:
        rows = np.flatnonzero((self.kind == kind) & ~self.off_shelf & ~self.new)
        same = np.array([self.assortment[other].brand is article.brand for other in rows])
        return int(rows[np.argmin(np.abs(self.dearness[rows] - self.dearness[row]) - same)])

    def _pull(self) -> NDArray[np.float64]:
        days = np.arange(DAYS)[:, None]
        of_year = (self.first_day.timetuple().tm_yday + days) % 365
        peaks = np.array([PEAKS[article.kind.season] for article in self.assortment])
        season = SWING * np.cos(2 * np.pi * (of_year - peaks) / 365)
        now = self.prices[:, PAST]
        price = -ELASTICITY * np.log(self.prices / now[:, None]).T
        pull = np.log(self.fame) + season + self.trend * (days / PAST - 0.5) + price
        pull[days < self.launched] = -np.inf
        pull[:, self.new] = -np.inf
        pull[PAST:, self.off_shelf] = -np.inf
        return pull

    def liking(self, shoppers: list[Shopper]) -> NDArray[np.float64]:
        """(shoppers, articles) log weights: themes, price level, brand; minus infinity for what is not sold where
        somebody shops."""
        tastes = np.array([shopper.taste for shopper in shoppers])
        thrift = np.array([shopper.thrift for shopper in shoppers])
        loyalty = np.array([shopper.loyalty for shopper in shoppers])
        trusts = np.array([shopper.brand for shopper in shoppers])[:, None] == np.array(
            [article.brand.name for article in self.assortment]
        )
        sold = np.array([self.sold_in(shopper.store) for shopper in shoppers])
        fit = FOCUS * np.log(tastes @ self.themes.T + 0.004)
        return (
            fit
            - PRICE_SENSE * np.abs(1 - thrift[:, None] - self.dearness)
            + TRUST * loyalty[:, None] * trusts
            + np.where(sold, 0, -np.inf)
        )

    def sold_in(self, store: str) -> NDArray[np.bool_]:
        return np.array([store in article.brand.stores for article in self.assortment])


def _themes(article: Article) -> list[float]:
    shares = {use: SECOND_USE**rank for rank, use in enumerate(article.kind.uses)}
    return [shares.get(activity, 0.0) for activity in ACTIVITIES]


def pick(rng: np.random.Generator, weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """(rows, count) columns of log weights, drawn without replacement by Gumbel noise, the best first."""
    noisy = weights + rng.gumbel(size=weights.shape)
    best = np.argpartition(-noisy, count, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(noisy, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)
