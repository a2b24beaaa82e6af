"""What became of orders that were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """``stored``, ``duplicates``: lines that are new, and lines that were known; ``anonymous``: new lines that are tied
    to nobody; ``refunds``: new events that give something back. ``skipped``: what is not stored, by reason: lines and
    refunds, and whole orders (``bad_order``, ``failed``)."""

    orders: int = 0
    stored: int = 0
    duplicates: int = 0
    anonymous: int = 0
    refunds: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: OrderCounts) -> OrderCounts:
        return OrderCounts(
            self.orders + other.orders,
            self.stored + other.stored,
            self.duplicates + other.duplicates,
            self.anonymous + other.anonymous,
            self.refunds + other.refunds,
            dict(Counter(self.skipped) + Counter(other.skipped)),
        )
