"""Reading the columns of many cases: typed, and one case at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules.facts import (
    AMOUNT_SCALE,
    Facts,
    FactType,
    Moments,
    Money,
    Moneys,
    Numbers,
    OrderFact,
    Orders,
    Texts,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Column, Columns

C = TypeVar("C", Numbers, Moneys, Texts, Moments, Orders)


def column_of(columns: Columns, name: str, type_: type[C]) -> C:
    """The column of a fact.

    Raises InvalidInputError when it is of another type than the fact.
    """
    column = columns.columns[name]
    if not isinstance(column, type_):
        raise InvalidInputError("columns", f"{name} must be {type_.__name__}, got {type(column).__name__}")
    return column


def marked(vocabulary: Collection[str], values: Collection[str]) -> NDArray[np.bool_]:
    """bool (len(vocabulary) + 1,): which rows are among the values; the last one stands for code -1."""
    return np.fromiter((*(text in values for text in vocabulary), False), np.bool_, len(vocabulary) + 1)


def counted(marks: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (n,): how many entries of each case are marked."""
    return summed(marks.astype(np.int64), starts)


def summed(values: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (n,): the sum of the entries of each case, exact."""
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)))
    return before[starts[1:]] - before[starts[:-1]]


def facts_at(columns: Columns, row: int, types: Mapping[str, FactType]) -> Facts:
    """The facts of one case, as `decide` reads them; ``types``: those that are wanted."""
    values = {
        name: _value_at(columns.columns[name], row, type_)
        if name in columns.columns
        else columns.shared.get(name)
        for name, type_ in types.items()
    }
    return Facts(values, columns.now, columns.zone)


def _value_at(column: Column, row: int, type_: FactType) -> object | None:
    match column:
        case Numbers():
            return _number(column.values[row].item(), type_) if column.known[row] else None
        case Moneys():
            return _money(column, row)
        case Texts():
            return column.vocabulary[column.codes[row]] if column.codes[row] >= 0 else None
        case Moments():
            return _moments(column, row, type_) if column.known[row] else None
        case Orders():
            return _orders(column, row) if column.known[row] else None


def _number(value: float, type_: FactType) -> object:
    if type_ is FactType.FLAG:
        return bool(value)
    return value if isinstance(value, int) else Decimal(repr(value))


def _amount(scaled: int) -> Decimal:
    return Decimal(int(scaled)) / AMOUNT_SCALE


def _money(column: Moneys, row: int) -> Money | None:
    code = column.currencies[row]
    return Money(_amount(column.amounts[row]), column.vocabulary[code]) if code >= 0 else None


def _moments(column: Moments, row: int, type_: FactType) -> object:
    entries = range(column.starts[row], column.starts[row + 1])
    found = {column.vocabulary[column.codes[entry]]: int(column.at[entry]) for entry in entries}
    return frozenset(found) if type_ is FactType.TEXTS else found


def _orders(column: Orders, row: int) -> tuple[OrderFact, ...]:
    return tuple([_order(column, entry) for entry in range(column.starts[row], column.starts[row + 1])])


def _order(column: Orders, entry: int) -> OrderFact:
    code, at = column.currencies[entry], int(column.at[entry])
    if code < 0:
        return OrderFact(at, None)
    return OrderFact(at, _amount(column.amounts[entry]), column.vocabulary[code])
