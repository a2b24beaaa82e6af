"""Two recommenders as one: what is new for a visitor comes from the first, what may come again from the second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from collections.abc import Mapping


def crowned(
    new: FittedTables, every: FittedTables, *, list_length: int, report: Mapping[str, Any]
) -> FittedTables:
    """The tables of ``new``; where known items may come again, the lists of ``every``.

    new, every  : learned from the same interactions
    list_length : how many items of ``every`` each visitor keeps, unless it comes with ``repeats`` of its own
    """
    tables = new.tables()
    if every is not new:
        rows = every.tables().repeats
        tables = replace(tables, repeats=_rows(every, list_length) if rows is None else rows)
    return FittedTables(tables, new.history, report=report)


def _rows(fitted: FittedTables, count: int) -> SparseRows:
    visitors = np.arange(fitted.history.shape[0], dtype=np.int32)
    items, scores = fitted.recommend(visitors, count=count, exclude_seen=False)
    usable = (items >= 0) & (scores > 0)
    indptr = np.concatenate([[0], np.cumsum(usable.sum(axis=1))]).astype(np.int64)
    return SparseRows(indptr, items[usable], scores[usable])
