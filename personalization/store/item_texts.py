"""What stands in a column of items that facts read, and when each person last had to do with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.rules import Moments
from personalization.engine.rules.columns import marked
from personalization.store.fact_names import TAGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    #: Persons' rows, items and instants of something that was done: each int64 (m,).
    Deeds = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def texts_of(value: str, column: str) -> Collection[str]:
    """The texts that a column of an item holds; '' says nothing."""
    if column != TAGS:
        return (value,) if value else ()
    tags = json.loads(value) if value else ()
    return {tag: None for tag in tags if isinstance(tag, str) and tag} if isinstance(tags, list) else ()


class ItemTexts:
    """What stands in one column of every item, with a number for each text."""

    def __init__(self, column: str, items: Iterable[tuple[int, str]]) -> None:
        """``items``: ids ascending, and what their column holds."""
        ids, counts, codes, numbers = [], [], [], dict[str, int]()
        for item, value in items:
            own = [numbers.setdefault(text, len(numbers)) for text in texts_of(value, column)]
            ids.append(item)
            counts.append(len(own))
            codes += own
        # The item ids[i] has the texts codes[starts[i]:starts[i + 1]]; one more for items that nobody knows.
        self._ids, self._codes = np.array([*ids, -1], np.int64), np.array(codes, np.int32)
        self._starts = np.concatenate([[0], np.cumsum([*counts, 0], dtype=np.int64)])
        self._vocabulary = tuple(numbers)

    def items(self, texts: Collection[str]) -> NDArray[np.int64]:
        """The ids of the items that have one of the texts, ascending."""
        wanted = marked(self._vocabulary, texts)[self._codes]
        return np.unique(np.repeat(self._ids, np.diff(self._starts))[wanted])

    def moments(self, deeds: Deeds, n: int) -> Moments:
        """When each of n persons last had to do with each text."""
        row = self._rows(deeds[1])
        counts = self._starts[row + 1] - self._starts[row]
        person, at = np.repeat(deeds[0], counts), np.repeat(deeds[2], counts)
        first = np.repeat(self._starts[row] - np.cumsum(counts) + counts, counts)
        codes = self._codes[first + np.arange(len(person))]
        keys, newest = _newest(person * max(1, len(self._vocabulary)) + codes, at)
        person, codes = np.divmod(keys, max(1, len(self._vocabulary)))
        starts = bounds(person, n)
        return Moments(starts, codes.astype(np.int32), newest, self._vocabulary, np.ones(n, bool))

    def _rows(self, items: NDArray[np.int64]) -> NDArray[np.intp]:
        rows = np.searchsorted(self._ids[:-1], items)
        return np.where(self._ids[rows] == items, rows, len(self._ids) - 1)


def bounds(person: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Where the entries of each of n persons begin and end, of entries that are sorted by person: int64 (n + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(person, minlength=n), dtype=np.int64)])


def _newest(keys: NDArray[np.int64], at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each key once, ascending, and its newest instant."""
    if not len(keys):
        return keys, at
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], np.maximum.reduceat(at[order], starts)
