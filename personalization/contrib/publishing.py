"""Tables that were learned somewhere else, published as a build like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.tables import Ranking, SparseRows
from personalization.store.builds import NewBuild, create_build, fail_build, publish_build, write_tables
from personalization.store.items import intern_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.tables import Tables


def publish_tables(tables: Tables, keys: Sequence[str], *, alias: str, now: int, tenant: str = "") -> int:
    """Make them the build that slots with this alias are served from; the build's id.

    ``keys``: the item key of each row. Items that the shop does not know are left out, as are rows of visitors, whose
    keys nobody told. ``now``: UTC microseconds, the instant of what was learned.

    Raises InvalidInputError naming ``keys`` when they are not as many as the rows, or the shop knows none of them.
    """
    if any(len(table) != len(keys) for table in (tables.neighbors, tables.weights) if table is not None):
        raise InvalidInputError("keys", "expected one item key for each row of the tables")
    known = intern_items(keys, tenant=tenant, now=now)
    kept = np.array([key in known for key in keys], dtype=np.bool_)
    if not kept.any():
        raise InvalidInputError("keys", f"the shop knows none of these {len(keys)} items", code="unknown")
    ids = np.array([known[key] for key in keys if key in known], dtype=np.int32)
    new = NewBuild(alias, now, tenant, recommender={"backend": "elsewhere"}, items=len(ids))
    build = create_build(new, now=now)
    try:
        write_tables(build, _only(tables, kept), ids)
    except Exception as error:
        fail_build(build, error=f"{type(error).__name__}: {error}")
        raise
    publish_build(build, now=now)
    return build


def _only(tables: Tables, kept: NDArray[np.bool_]) -> Tables:
    """Without the items that are not kept, and numbered anew."""
    rows = np.cumsum(kept, dtype=np.int64) - 1
    return replace(
        tables,
        neighbors=_rows(tables.neighbors, kept, rows),
        weights=_rows(tables.weights, kept, rows),
        ranking=_listed(tables.ranking, kept, rows),
        visitors=None,
        repeats=None,
    )


def _rows(table: SparseRows | None, kept: NDArray[np.bool_], rows: NDArray[np.int64]) -> SparseRows | None:
    if table is None:
        return None
    of = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    wanted = kept[of] & kept[table.indices]
    sizes = np.bincount(rows[of[wanted]], minlength=int(kept.sum()))
    columns = rows[table.indices[wanted]].astype(np.int32)
    return SparseRows(np.concatenate(([0], np.cumsum(sizes))), columns, table.values[wanted])


def _listed(ranking: Ranking | None, kept: NDArray[np.bool_], rows: NDArray[np.int64]) -> Ranking | None:
    if ranking is None:
        return None
    wanted = kept[ranking.items]
    return Ranking(rows[ranking.items[wanted]].astype(np.int32), ranking.scores[wanted])
