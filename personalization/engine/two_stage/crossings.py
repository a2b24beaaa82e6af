"""How a candidate fits the visitor it is a candidate of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.two_stage.item_facts import log_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.two_stage.candidates import Candidates
    from personalization.engine.two_stage.snapshot import Snapshot

    Facts = dict[str, NDArray[np.float64]]

#: Groups of visitors by how many pieces they take, and the days back over which those count.
_LEVELS: Final = 5
_DAYS: Final = 60


class Crossings:
    """Columns that need both sides, from what is known of items and of visitors at one instant.

    Parameters
    ----------
    items, visitors : `item_facts` and `visitor_facts` of the snapshot
    """

    def __init__(self, snapshot: Snapshot, items: Facts, visitors: Facts) -> None:
        self._snapshot, self._items, self._visitors = snapshot, items, visitors
        self._level_popularity = self._by_level() if "visitor_quantity" in visitors else None
        self._tastes = self._by_category()

    def columns(self, candidates: Candidates) -> Facts:
        """Name → float64 (c,)."""
        rows, items = candidates.visitors, candidates.items
        found: Facts = {}
        for name in ("price", "quantity"):
            if name in self._items:
                found[f"{name}_difference"] = (
                    self._items[name][items] - self._visitors[f"visitor_{name}"][rows]
                )
        if self._level_popularity is not None:
            levels, popularity = self._level_popularity
            found["level_popularity"] = popularity[levels[rows], items]
        return found | self._category_columns(candidates)

    def _by_level(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(level of each visitor int64 (n_visitors,), popularity in each level float64 (levels, n_items))."""
        means = self._visitors["visitor_quantity"]
        known = means[~np.isnan(means)]
        edges = np.quantile(known, np.arange(1, _LEVELS) / _LEVELS) if len(known) else np.zeros(_LEVELS - 1)
        levels = np.searchsorted(edges, np.nan_to_num(means), side="right")
        owned, n_items = self._snapshot.owned, self._snapshot.n_items
        recent = owned.newest < _DAYS
        cells = levels[owned.visitors[recent]] * n_items + owned.items[recent]
        counts = np.bincount(cells, minlength=_LEVELS * n_items).astype(np.float64)
        return levels, log_share(counts.reshape(_LEVELS, n_items))

    def _by_category(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]] | None:
        """(``visitor · categories + category`` of what each has, ascending; its share in what the visitor has; the share
        of each category in what everybody has)."""
        if self._snapshot.categories is None:
            return None
        numbers, count = self._snapshot.categories
        owned = self._snapshot.owned
        keys, counts = np.unique(owned.visitors * count + numbers[owned.items], return_counts=True)
        totals = np.bincount(owned.visitors, minlength=self._snapshot.n_visitors)
        everybody = np.bincount(numbers[owned.items], minlength=count) / max(len(owned.items), 1)
        return keys, counts / totals[keys // count], everybody

    def _category_columns(self, candidates: Candidates) -> Facts:
        if self._tastes is None or self._snapshot.categories is None:
            return {}
        numbers, count = self._snapshot.categories
        keys, shares, everybody = self._tastes
        wanted = candidates.visitors * count + numbers[candidates.items]
        places = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        share = np.where(keys[places] == wanted, shares[places], 0.0)
        usual = everybody[numbers[candidates.items]]
        return {"category_share": share, "category_lift": np.log((share + 0.01) / (usual + 0.01))}
