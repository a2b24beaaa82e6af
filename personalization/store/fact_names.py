"""Which facts of a visitor are read from our tables, and from which of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

FIRST_SEEN: Final = "visitor.first_seen"
LAST_SEEN: Final = "visitor.last_seen"
ORDERS: Final = "visitor.orders"

#: What a fact about items ends in → the column of the item that it reads; tags are several texts each.
TEXTS: Final = {"items": "key", "categories": "category", "brands": "brand", "tags": "tags"}
TAGS: Final = "tags"
BOUGHT: Final = {f"visitor.bought_{name}": column for name, column in TEXTS.items()}
VIEWED: Final = {f"visitor.viewed_{name}": column for name, column in TEXTS.items()}


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be read for some facts. ``bought`` and ``viewed``: names of facts → the items' columns."""

    seen: bool
    orders: bool
    bought: tuple[tuple[str, str], ...]
    viewed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, names: Collection[str]) -> Needs:
        return cls(
            seen=FIRST_SEEN in names or LAST_SEEN in names,
            orders=ORDERS in names,
            bought=tuple((name, column) for name, column in BOUGHT.items() if name in names),
            viewed=tuple((name, column) for name, column in VIEWED.items() if name in names),
        )

    def __bool__(self) -> bool:
        return self.seen or self.lines or bool(self.viewed)

    @property
    def lines(self) -> bool:
        """Whether purchases and refunds are read."""
        return self.orders or bool(self.bought)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of items that are read, each once."""
        return tuple(dict.fromkeys(column for _, column in (*self.bought, *self.viewed)))
