"""What a rule may read: named values of known types, of one visitor, cart, item or page, or of many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Amounts in columns are whole numbers of 1/10,000 of the currency's major unit, as the tables hold four decimals.
AMOUNT_SCALE = 10_000


class Scope(StrEnum):
    """Whose facts a condition reads; what uses rules declares which of them it has."""

    CART = "cart"
    VISITOR = "visitor"
    ITEM = "item"
    CONTEXT = "context"


class FactType(StrEnum):
    """The type of a fact: its value for one, and its column for many."""

    NUMBER = "number"  #: int or Decimal; `Numbers`
    MONEY = "money"  #: `Money`; `Moneys`
    TEXT = "text"  #: str; `Texts`
    TEXTS = "texts"  #: frozenset of str, `OpenTexts` of some; `Moments` (the instants are not read)
    MOMENTS = "moments"  #: mapping of str → when last, int UTC microseconds; `Moments`
    ORDERS = "orders"  #: tuple of `OrderFact`; `Orders`
    FLAG = "flag"  #: bool; `Numbers` of 0 and 1
    INSTANT = "instant"  #: int UTC microseconds; `Numbers`


class OpenTexts(frozenset[str]):
    """TEXTS of which some are known: there may be others."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of a currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OrderFact:
    """An order that counts, net of what was given back. ``at``: UTC microseconds; ``amount`` None: not known."""

    at: int
    amount: Decimal | None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one case, by name (``visitor.orders``). A name that is missing, or None, is *unknown*.

    ``now``: the instant that rules are evaluated at, UTC microseconds; ``zone``: the shop's zone (IANA), in which
    days, weekdays and hours are read.
    """

    values: Mapping[str, object]
    now: int
    zone: str = "UTC"

    def find(self, name: str) -> object | None:
        return self.values.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """``values``: int64 or float64 (n,); ``known``: bool (n,)."""

    values: NDArray[np.int64] | NDArray[np.float64]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Moneys:
    """``amounts``: int64 (n,) in 1/AMOUNT_SCALE of the major unit; ``currencies``: int32 (n,) rows of ``vocabulary``, -1
    unknown."""

    amounts: NDArray[np.int64]
    currencies: NDArray[np.int32]
    vocabulary: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """``codes``: int32 (n,) rows of ``vocabulary``, -1 unknown."""

    codes: NDArray[np.int32]
    vocabulary: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Texts of each case with the instant each was last true.

    Case i has the entries ``starts[i]`` to ``starts[i + 1]``: ``starts`` int64 (n + 1,), ``codes`` int32 rows of
    ``vocabulary``, ``at`` int64 UTC microseconds; ``known``: bool (n,).
    """

    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    at: NDArray[np.int64]
    vocabulary: tuple[str, ...]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """The orders of each case: ``starts`` int64 (n + 1,); ``at`` int64 UTC microseconds; ``amounts`` int64 in
    1/AMOUNT_SCALE; ``currencies`` int32 rows of ``vocabulary``, -1 where the amount is not known; ``known``: bool (n,)."""

    starts: NDArray[np.int64]
    at: NDArray[np.int64]
    amounts: NDArray[np.int64]
    currencies: NDArray[np.int32]
    vocabulary: tuple[str, ...]
    known: NDArray[np.bool_]


Column = Numbers | Moneys | Texts | Moments | Orders


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The facts of ``n`` cases at once. ``shared``: facts that are the same for all of them; a name in neither is
    unknown for every case."""

    n: int
    columns: Mapping[str, Column]
    now: int
    zone: str = "UTC"
    shared: Mapping[str, object] = field(default_factory=dict)


def as_amount(amount: Decimal) -> int:
    """A decimal amount as a column holds it.

    Raises InvalidInputError naming ``amount`` when it has more than four decimals or is not finite.
    """
    scaled = amount * AMOUNT_SCALE
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise InvalidInputError("amount", f"expected at most four decimals, got {amount}")
    return int(scaled)
