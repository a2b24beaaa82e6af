"""A training file and a test file as one split: rows of a common vocabulary, in the order of the keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from personalization.engine.evaluation import (
    HeldOut,
    Split,
    held_out,
    leave_last_out,
    temporal_split,
)
from personalization.engine.interactions import Interactions
from personalization.exceptions import InvalidInputError
from personalization.measurement.text_file import TextFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.measurement.items_file import ItemsFile

#: The column that is looked for when none is named.
REPEAT: Final = "repeat"

#: The keys of a file that is not there.
_NOTHING: Final = np.zeros(0, dtype=np.object_)


class SplitKind(StrEnum):
    """Where the test comes from."""

    FILES = "files"  #: a file of its own
    TEMPORAL = "temporal"  #: what the training file holds from an instant on
    LEAVE_LAST_OUT = "leave-last-out"  #: everybody's newest line; for comparison with papers


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called; '' where a file has none.

    visitor, item stand in both files, repeat in the test file (None: "repeat", if there is one), rating in the training
    file and, to compare with, maybe in the test file, the others in the training file. Cells of price and rating may be empty: unknown; those of order: bought by itself.
    """

    visitor: str
    item: str
    time: str = ""
    value: str = ""
    quantity: str = ""
    order: str = ""
    price: str = ""
    rating: str = ""
    repeat: str | None = None

    @property
    def of_train(self) -> list[str]:
        told = (self.time, self.value, self.quantity, self.order, self.price, self.rating)
        return [self.visitor, self.item, *filter(None, told)]

    @property
    def of_test(self) -> list[str]:
        return [column for column in (self.visitor, self.item, self.repeat) if column]


def read_any_split(
    kind: SplitKind,
    train: str,
    test: str | None,
    *,
    columns: Columns,
    cut: int | None = None,
    as_of: int | None = None,
    items: ItemsFile | None = None,
    zone: str = "UTC",
) -> Split:
    """The split of that kind; ``cut`` (UTC microseconds) is for the temporal one, ``items`` becomes the catalog.

    Raises InvalidInputError naming ``test``, ``cut``, ``repeat_column`` or ``time_column`` when it is missing or does not
    belong to the kind, ``train``, ``test`` or ``items`` for what is wrong in a file.
    """
    _check_belongs("test", test, kind, SplitKind.FILES)
    _check_belongs("cut", cut, kind, SplitKind.TEMPORAL)
    if test is not None:
        return read_split(train, test, columns=columns, as_of=as_of, items=items, zone=zone)
    if not columns.time:
        raise InvalidInputError("time_column", f"a {kind} split needs times")
    if columns.repeat is not None:
        raise InvalidInputError("repeat_column", f"a {kind} split has no test file")
    past = TextFile("train", train, columns.of_train)
    keys = _Vocabulary.of(past.keys(columns.item), _NOTHING)
    visitors = _Vocabulary.of(past.keys(columns.visitor), _NOTHING)
    interactions = _learned(past, columns, visitors, keys, cut=cut, as_of=as_of, zone=zone)
    split = leave_last_out(interactions) if cut is None else temporal_split(interactions, at=cut)
    if not len(split.train):
        raise InvalidInputError("cut", "nothing is left to learn from", code="empty")
    return _described(split, items, keys.keys, zone=zone)


def _check_belongs(name: str, value: object, kind: SplitKind, owner: SplitKind) -> None:
    if (value is None) is (kind is owner):
        reason = f"a {kind} split needs it" if value is None else f"only a {owner} split has it"
        raise InvalidInputError(name, reason)


def read_split(
    train: str,
    test: str,
    *,
    columns: Columns,
    as_of: int | None = None,
    items: ItemsFile | None = None,
    zone: str = "UTC",
) -> Split:
    """Read both files.

    The highest key has row 0, so that ties by the lower row go to the higher key. Lines later than
    ``as_of`` (UTC microseconds; default: the newest training time) are not learned from. With a quantity column,
    cancellations are netted: pairs whose quantities do not add up to more than 0 are left out, and so are lines
    of 0 or less. Without a repeat column, a test pair repeats when training has it.

    Raises InvalidInputError naming ``train``, ``test`` or ``items``.
    """
    past = TextFile("train", train, columns.of_train)
    future = TextFile("test", test, columns.of_test, optional=lambda name: name in {REPEAT, columns.rating})
    visitors = _Vocabulary.of(past.keys(columns.visitor), future.keys(columns.visitor))
    keys = _Vocabulary.of(past.keys(columns.item), future.keys(columns.item))
    learned = _learned(past, columns, visitors, keys, as_of=as_of, zone=zone)
    split = Split(learned, _test_pairs(learned, future, columns, visitors.future, keys.future))
    return _described(split, items, keys.keys, zone=zone)


def _learned(
    past: TextFile,
    columns: Columns,
    visitors: _Vocabulary,
    items: _Vocabulary,
    *,
    cut: int | None = None,
    as_of: int | None,
    zone: str,
) -> Interactions:
    times = past.instants(columns.time, zone=zone) if columns.time else None
    pairs = visitors.past.astype(np.int64) * items.size + items.past
    if times is not None and cut is not None:
        pairs = 2 * pairs + (times >= cut)
    kept = _standing(past, columns, pairs=pairs)
    if times is not None and as_of is not None:
        kept &= times <= as_of
    if not kept.any():
        raise InvalidInputError("train", "nothing is left to learn from", code="empty")
    return Interactions(
        visitors.past[kept],
        items.past[kept],
        _weights(past, columns)[kept],
        visitors.size,
        items.size,
        times=None if times is None else times[kept],
        as_of=as_of,
        **{name: told[kept] for name, told in _told(past, columns).items()},
    )


def _told(past: TextFile, columns: Columns) -> dict[str, Any]:
    """What the file says of each line besides, arrays by the name it has in `Interactions`."""
    told: dict[str, Any] = {}
    if columns.quantity:
        told["quantities"] = past.numbers(columns.quantity).astype(np.float32)
    if columns.price:
        told["prices"] = past.optional_numbers(columns.price).astype(np.float32)
    if columns.order:
        told["orders"] = past.numbered(columns.order)
    if columns.rating:
        told["ratings"] = past.optional_numbers(columns.rating).astype(np.float32)
    return told


def _described(split: Split, items: ItemsFile | None, keys: NDArray[np.object_], *, zone: str) -> Split:
    """The split whose training knows what the file says of its items, as of the end of training."""
    if items is None:
        return split
    train, catalog = split.train, items.catalog(keys, zone=zone)
    as_of = train.as_of
    if as_of is None and train.times is not None:
        as_of = int(train.times.max())
    if as_of is not None:
        catalog = catalog.as_of(as_of)
    return replace(split, train=replace(train, catalog=_priced(catalog, train)))


def _priced(catalog: Catalog, train: Interactions) -> Catalog:
    """With the prices that were paid in training (of each item, the lower median), unless the file gave prices."""
    if catalog.prices is not None or train.prices is None:
        return catalog
    paid = ~np.isnan(train.prices)
    items, prices = train.items[paid], train.prices[paid]
    order = np.lexsort((prices, items))
    known, starts, counts = np.unique(items[order], return_index=True, return_counts=True)
    medians = np.full(len(catalog), np.nan)
    medians[known] = prices[order][starts + (counts - 1) // 2]
    return replace(catalog, prices=medians)


@dataclass(frozen=True, slots=True, eq=False)
class _Vocabulary:
    """Rows int32 of the keys of both files, the highest key (by code point) first.

    Ties go by the lower row, so to the higher key: in shops that number upwards, the newer item.
    """

    past: NDArray[np.int32]
    future: NDArray[np.int32]
    keys: NDArray[np.object_]  #: by row

    @property
    def size(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, past: NDArray[np.object_], future: NDArray[np.object_]) -> _Vocabulary:
        codes, distinct = pd.factorize(np.concatenate([past, future]), sort=True)
        rows = (len(distinct) - 1 - codes).astype(np.int32)
        return cls(rows[: len(past)], rows[len(past) :], distinct[::-1])


def _standing(past: TextFile, columns: Columns, *, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which lines stand after cancellations: bool (n,)."""
    if not columns.quantity:
        return np.ones(len(past), dtype=np.bool_)
    quantities = past.numbers(columns.quantity)
    _, pair = np.unique(pairs, return_inverse=True)
    net = np.bincount(pair, quantities)
    return np.asarray((quantities > 0) & (net[pair] > 0))


def _weights(past: TextFile, columns: Columns) -> NDArray[np.float32]:
    if not columns.value:
        return np.ones(len(past), dtype=np.float32)
    values = past.numbers(columns.value).astype(np.float32)
    bad = np.flatnonzero(~((values > 0) & np.isfinite(values)))
    if len(bad):
        raise InvalidInputError("train", f"row {bad[0] + 1}: {columns.value} must be more than 0")
    return values


def _test_pairs(
    train: Interactions,
    future: TextFile,
    columns: Columns,
    visitors: NDArray[np.int32],
    items: NDArray[np.int32],
) -> HeldOut:
    ratings = None
    if columns.rating and future.has(columns.rating):
        ratings = future.optional_numbers(columns.rating).astype(np.float32)
    pairs = held_out(train, visitors, items, ratings=ratings)
    named = columns.repeat or (REPEAT if future.has(REPEAT) else "")
    if not named:
        return pairs
    _, pair = np.unique(visitors.astype(np.int64) * train.n_items + items, return_inverse=True)
    repeat = np.zeros(len(pairs.visitors), dtype=np.bool_)
    np.logical_or.at(repeat, pair, future.flags(named))
    return replace(pairs, repeat=repeat)
