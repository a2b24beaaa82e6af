"""What is popular among things of the same kind as a visitor's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.kernels.item_tables import packed_bytes
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares, totals
from personalization.engine.tables import SparseRows, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions


@dataclass(frozen=True, slots=True)
class PopularityByCategory(Recommender):
    """Scores an item by the visitor's mix of categories, and by its share in its own.

    ``score(u, i) = n_uc · p(i) / Σ_{j in c} p(j)``, c the category of i, n_uc how many of the visitor's items it holds
    and p as in `Popularity`: what P(category | visitor) · P(item | category) is in proportion to. Each item of a
    category has the best of the others as its row of the item table, so the sum over a history is that score, and
    an item that nobody took yet has neighbors.

    An item without a category speaks for nothing. A visitor without categories gets the ranking, and so does everybody
    where no catalog is known.

    Parameters
    ----------
    decay_days  : as in `Popularity`
    list_length : items that are kept of each category, ≥ 1

    Raises
    ------
    InvalidInputError naming the parameter.
    """

    decay_days: float | None = 14.0
    list_length: int = 50

    def __post_init__(self) -> None:
        check_days("decay_days", self.decay_days)
        check_whole("list_length", self.list_length, minimum=1)

    def fit(self, interactions: Interactions) -> FittedTables:
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        catalog = interactions.catalog
        categories = catalog.categories if catalog is not None else ()
        table = _rows(list(_of_categories(categories, totals(pairs), self.list_length)), pairs.shape[1])
        ranking = rank_items(shares(pairs), pairs)
        return FittedTables(Tables(neighbors=table, weights=table, ranking=ranking), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.list_length)


def _of_categories(
    categories: tuple[str, ...], popularity: NDArray[np.float64], count: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """(sources, targets, values) of one category after the other, each source's targets best first."""
    names = np.array(categories, dtype=np.str_)
    order = np.lexsort((-popularity[: len(names)], names))  # stable, so ties go to the lower row
    for members in np.split(order, np.flatnonzero(names[order][1:] != names[order][:-1]) + 1):
        whole = popularity[members].sum()
        if not len(members) or names[members[0]] == "" or not whole > 0:
            continue
        best = members[: count + 1][popularity[members[: count + 1]] > 0]
        kept = best != members[:, None]
        kept[:, count:] &= ~kept[:, :count].all(
            axis=1, keepdims=True
        )  # who is not among the best needs one less
        places, chosen = np.nonzero(kept)
        yield members[places], best[chosen], popularity[best[chosen]] / whole


def _rows(
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]], n_items: int
) -> SparseRows:
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    sources, targets, values = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    order = np.argsort(sources, kind="stable")
    indptr = np.zeros(n_items + 1, dtype=np.int64)
    np.cumsum(np.bincount(sources, minlength=n_items), out=indptr[1:])
    return SparseRows(indptr, targets[order].astype(np.int32), values[order].astype(np.float32))
