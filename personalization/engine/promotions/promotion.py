"""A promotion as the engine sees it: who gets what, on which lines, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.promotions.money import exponent

if TYPE_CHECKING:
    from personalization.engine.promotions.benefit import Benefit
    from personalization.engine.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Promotion:
    """``rule``: who and when, None for everyone; ``targets``: which lines, None for all of them.

    ``starts_at``, ``ends_at``: UTC microseconds, half-open, None without bound. ``code``: the coupon's code through
    which it is offered, '' for one that needs none.

    Raises InvalidInputError naming ``currency``, or ``cap`` or ``amount`` when that is no amount of the currency.
    """

    id: int
    version: int
    title: str
    benefit: Benefit
    currency: str
    rule: Rule | None = None
    targets: Rule | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    priority: int = 0
    code: str = ""

    def __post_init__(self) -> None:
        exponent(self.currency)
        self.benefit.check(self.currency)
