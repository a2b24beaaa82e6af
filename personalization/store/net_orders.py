"""Lines of orders, and what was given back of them → the orders and items that remain. Exact: whole numbers only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

#: Pieces are counted in thousandths, amounts in ten-thousandths of the major unit, as the columns hold them.
PIECES: Final = 1_000
#: Lines that are worth more (10**11 major units) have no amount that could be relied upon.
_MOST: Final = 10.0**18
_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of orders, as they were stored.

    person : int64 (n,)  whose
    order  : int64 (n,)  of which order; an order has one number, a higher one when it was stored later
    item   : int64 (n,)
    pieces : int64 (n,)  in 1/PIECES, below 0 for what was given back
    price  : int64 (n,)  of one piece, in 1/AMOUNT_SCALE; -1 unknown
    currency : int64 (n,)  a number for each, -1 unknown
    at     : int64 (n,)  UTC microseconds
    """

    person: NDArray[np.int64]
    order: NDArray[np.int64]
    item: NDArray[np.int64]
    pieces: NDArray[np.int64]
    price: NDArray[np.int64]
    currency: NDArray[np.int64]
    at: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Mapping[str, Any], currencies: dict[str, int]) -> Lines:
        """Columns of lines as they were stored, with the texts of currencies and orders → the same with numbers.

        ``currencies``: the number of each so far; it grows. Lines without the key of an order are of one order when
        the same person bought them at the same instant.
        """
        orders: dict[tuple[int, str, int], int] = {}
        people, instants = (np.asarray(columns[name], np.int64).tolist() for name in ("person", "at"))
        order = [
            orders.setdefault((person, key, 0 if key else at), len(orders))
            for person, key, at in zip(people, columns["order"], instants, strict=True)
        ]
        for text in dict.fromkeys(columns["currency"]):
            if text:
                currencies.setdefault(text, len(currencies))
        numbers = {
            **columns,
            "order": order,
            "currency": [currencies.get(text, -1) for text in columns["currency"]],
        }
        return cls(**{field.name: np.array(numbers[field.name], np.int64) for field in fields(cls)})

    def __len__(self) -> int:
        return len(self.person)

    def take(self, chosen: NDArray[Any]) -> Lines:
        return Lines(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """What remains. Orders by person, oldest first; ``currency`` -1 where the amount is not known, which is 0 then.

    item_person, item, item_at : int64 (m,)  an item that somebody kept of an order, and when it was bought last in it
    person, at, amount, currency : int64 (k,)  the orders of which anything was kept
    """

    item_person: NDArray[np.int64]
    item: NDArray[np.int64]
    item_at: NDArray[np.int64]
    person: NDArray[np.int64]
    at: NDArray[np.int64]
    amount: NDArray[np.int64]
    currency: NDArray[np.int64]


def net_lines(lines: Lines) -> Net:
    """What is left of orders when everything that was given back is taken off.

    A refund is taken from the purchases of its order and item; where there are none, from the person's newest
    purchases of that item before it. It is worth what it says, or else what those purchases cost. An order of which
    nothing is left is none.
    """
    if not len(lines):
        return Net(*[np.empty(0, np.int64)] * 7)
    lines = lines.take(np.lexsort((lines.item, lines.order)))
    starts = _starts(lines.order, lines.item)
    bought = _Bought(lines, starts)
    bought.take_back(lines, starts)
    return bought.net()


class _Bought:
    """What is left of each item of each order; the parallel arrays change while refunds are taken off."""

    def __init__(self, lines: Lines, starts: NDArray[np.intp]) -> None:
        given, worth = lines.pieces < 0, _worth(lines)
        unpriced = worth < 0
        self.person, self.order, self.item = lines.person[starts], lines.order[starts], lines.item[starts]
        pieces, amounts = np.where(given, 0, lines.pieces), np.where(given | unpriced, 0, worth)
        back, back_amounts = np.where(given, -lines.pieces, 0), np.where(given & ~unpriced, worth, 0)
        self.pieces = np.add.reduceat(pieces, starts)
        self.price_known = ~np.logical_or.reduceat(~given & unpriced, starts)
        self.first = np.minimum.reduceat(np.where(given, _NEVER, lines.at), starts)
        self.last = np.maximum.reduceat(np.where(given, -1, lines.at), starts)
        lowest = np.minimum.reduceat(np.where(given, _NEVER, lines.currency), starts)
        highest = np.maximum.reduceat(np.where(given, -1, lines.currency), starts)
        self.currency = np.where(lowest == highest, highest, -1)
        priced_back = np.where(unpriced, 0, back)
        self.left = self.pieces - np.add.reduceat(priced_back, starts)
        self.amount = np.add.reduceat(amounts, starts) - np.add.reduceat(back_amounts, starts)

    def take_back(self, lines: Lines, starts: NDArray[np.intp]) -> None:
        """Take off the refunds that do not say of which purchase, or how much; oldest first."""
        group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(lines)))
        stray = np.flatnonzero((lines.pieces < 0) & ((self.pieces[group] == 0) | (_worth(lines) < 0)))
        if not len(stray):
            return
        newest_first = np.lexsort((self.order, -self.last, self.item, self.person))
        begins = _starts(self.person[newest_first], self.item[newest_first])
        ends = np.append(begins[1:], len(starts))
        pair = np.empty(len(starts), np.intp)
        pair[newest_first] = np.repeat(np.arange(len(begins)), ends - begins)
        for row in stray[np.argsort(lines.at[stray], kind="stable")].tolist():
            own = int(group[row])
            same_item = newest_first[begins[pair[own]] : ends[pair[own]]].tolist()
            earlier = [one for one in same_item if 0 <= self.last[one] <= lines.at[row]]
            self._take([own] if self.pieces[own] else earlier, -int(lines.pieces[row]))

    def _take(self, groups: Iterable[int], wanted: int) -> None:
        """Take pieces from some purchases, one after the other, at what those cost."""
        for group in groups:
            left, amount = int(self.left[group]), int(self.amount[group])
            taken = min(wanted, left)
            if taken > 0:
                self.amount[group] = amount - (2 * amount * taken + left) // (2 * left)
                self.left[group], wanted = left - taken, wanted - taken

    def net(self) -> Net:
        kept = self.left > 0
        starts = _starts(self.order)
        counts = np.logical_or.reduceat(kept, starts)
        currency = np.where(self.price_known, self.currency, -1)
        lowest = np.minimum.reduceat(np.where(kept, currency, _NEVER), starts)
        highest = np.maximum.reduceat(np.where(kept, currency, -1), starts)
        known = lowest == highest
        amount = np.add.reduceat(np.where(kept, np.maximum(self.amount, 0), 0), starts)
        orders = (
            self.person[starts],
            np.minimum.reduceat(self.first, starts),
            np.where(known & (highest >= 0), amount, 0),
            np.where(known, highest, -1),
        )
        person, at, amount, currency = (column[counts] for column in orders)
        order = np.lexsort((currency, amount, at, person))
        kept_items = self.person[kept], self.item[kept], self.last[kept]
        return Net(*kept_items, person[order], at[order], amount[order], currency[order])


def _worth(lines: Lines) -> NDArray[np.int64]:
    """What a line is worth: its price times its pieces, rounded half up; -1 unknown."""
    pieces = np.abs(lines.pieces)
    usable = (lines.price >= 0) & (lines.price.astype(float) * pieces < _MOST)
    worth = (np.where(usable, lines.price * pieces, 0) + PIECES // 2) // PIECES
    return np.where(usable, worth, -1)


def _starts(*keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where the groups of equal keys begin, of rows that are sorted by them."""
    new = np.ones(len(keys[0]), bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(new)
