"""How much of what was worked out for each visitor is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import Tables

_DAY: Final = 86_400_000_000
_HEADER: Final = 12
_ENTRY: Final = 6


def shorten(tables: Tables, learned: Interactions, *, most: int, days: int | None, as_of: int) -> Tables:
    """The lists of visitors who did something in the last ``days`` before ``as_of`` (UTC microseconds), None for all.

    Of each list the ``most`` best items that are new to the visitor stay, and the ``most`` best of those that it has.
    """
    if tables.visitors is None and tables.repeats is None:
        return tables
    active = _active(learned, days, as_of)
    owned = np.unique(learned.visitors.astype(np.int64) * learned.n_items + learned.items)

    def shortened(rows: SparseRows | None) -> SparseRows | None:
        return None if rows is None else _shortened(rows, active, owned, learned.n_items, most)

    return replace(tables, visitors=shortened(tables.visitors), repeats=shortened(tables.repeats))


def list_bytes(tables: Tables) -> int:
    """What the lists of visitors take when they are packed."""
    lists = [rows for rows in (tables.visitors, tables.repeats) if rows is not None]
    return sum(
        _HEADER * int(np.count_nonzero(np.diff(rows.indptr))) + _ENTRY * len(rows.indices) for rows in lists
    )


def _active(learned: Interactions, days: int | None, as_of: int) -> NDArray[np.bool_]:
    """bool (n_visitors,)"""
    if days is None or learned.times is None:
        return np.ones(learned.n_visitors, bool)
    active = np.zeros(learned.n_visitors, bool)
    active[learned.visitors[learned.times >= as_of - days * _DAY]] = True
    return active


def _shortened(
    rows: SparseRows, active: NDArray[np.bool_], owned: NDArray[np.int64], n_items: int, most: int
) -> SparseRows:
    """``owned`` int64: ascending ``visitor · n_items + item``."""
    visitors = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    has = np.isin(visitors * n_items + rows.indices, owned)
    kept = active[visitors]
    for group in (has, ~has):
        before: NDArray[np.int64] = np.cumsum(group) - group  # how many of the group stand before each entry
        first = before[rows.indptr[visitors]]  # at the start of the entry's row
        kept &= ~group | (before - first < most)
    indptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.bincount(visitors[kept], minlength=len(rows)), out=indptr[1:])
    return SparseRows(indptr, rows.indices[kept], rows.values[kept])
