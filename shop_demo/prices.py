"""What a product has cost in a store, and what a page says of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from shop_demo.models import Price
    from shop_demo.stores import Store

#: A lower price is announced for so long, against the lowest one of so many days before it (directive 98/6/EC, article 6a).
ANNOUNCED: Final = timedelta(days=60)
COMPARED: Final = timedelta(days=30)

WIDTH, HEIGHT = 320, 80  #: of the chart


@dataclass(frozen=True, slots=True)
class Step:
    """The price from a day on."""

    since: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """``steps``: oldest first, one at least, each at another price than the one before."""

    steps: tuple[Step, ...]
    today: date

    @property
    def lowest(self) -> Decimal:
        return min(step.price for step in self.steps)

    @property
    def highest(self) -> Decimal:
        return max(step.price for step in self.steps)

    @property
    def former(self) -> Decimal | None:
        """The lowest price of the thirty days before the present one began, when that is lower and still news."""
        now = self.steps[-1]
        if len(self.steps) < 2 or self.today - now.since > ANNOUNCED:
            return None
        start = now.since - COMPARED
        before = [step.price for step in self._in_force(start)]
        lowest = min(before)
        return lowest if lowest > now.price else None

    @property
    def saved_percent(self) -> int:
        """How much lower the present price is than the former one, rounded down."""
        former = self.former
        return 0 if former is None else int((former - self.steps[-1].price) * 100 / former)

    @property
    def newest_first(self) -> tuple[Step, ...]:
        return self.steps[::-1]

    @property
    def points(self) -> str:
        """The corners of the line in the chart: level until the day of a change, then up or down."""
        corners: list[tuple[float, float]] = []
        for step in self.steps:
            x = self._x(step.since)
            if corners:
                corners.append((x, corners[-1][1]))
            corners.append((x, self._y(step.price)))
        corners.append((WIDTH, corners[-1][1]))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)

    def _in_force(self, start: date) -> list[Step]:
        """The steps before the last that held on a day from ``start`` on."""
        ends = [step.since for step in self.steps[1:]]
        return [step for step, end in zip(self.steps, ends, strict=False) if end > start]

    def _x(self, day: date) -> float:
        first = self.steps[0].since
        return WIDTH * (day - first).days / max((self.today - first).days, 1)

    def _y(self, price: Decimal) -> float:
        span = self.highest - self.lowest
        return HEIGHT * float((self.highest - price) / span) if span else HEIGHT / 2


def history(prices: Iterable[Price], store: Store, *, today: date) -> PriceHistory | None:
    """The prices in a store up to today; None where there was none."""
    steps: list[Step] = []
    for one in sorted(prices, key=lambda one: one.since):
        price = one.price_in(store)
        if price is not None and one.since <= today and (not steps or steps[-1].price != price):
            steps.append(Step(one.since, price))
    return PriceHistory(tuple(steps), today) if steps else None
