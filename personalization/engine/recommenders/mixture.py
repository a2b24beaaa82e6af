"""Mixture: the item tables of two recommenders in one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.blocks import row_blocks
from personalization.engine.kernels.item_tables import transpose
from personalization.engine.kernels.row_writer import RowWriter
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.graph_filter import GraphFilter
from personalization.engine.recommenders.hyperparameters import check_real
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

#: More visitors do not change the scale of a table any more.
_SAMPLED: Final = 500
#: So many of them are looked at together.
_TOGETHER: Final = 50
#: Entries of both tables that are added at once.
_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Mixture(Recommender):
    """Adds the weights of two item tables, each divided by what its visitors' best items score on average.

    ``W_st = A_st / a + share · B_st / b``, ``a = mean_u max_t Σ_{s in history(u)} A_st``. Recommenders that err in
    different ways are better together, and one table costs a request no more than another. The common ranking, and how
    much it counts, are those of ``first``.

    Parameters
    ----------
    first, second : recommenders that publish ``weights``, and no lists of visitors
    share         : how much the second counts, > 0

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a part that publishes no weights.
    """

    first: Recommender = field(default_factory=lambda: EASE(regularization=200.0, neighbors=200))
    second: Recommender = field(default_factory=lambda: GraphFilter(factors=128, neighbors=200))
    share: float = 1.0

    def __post_init__(self) -> None:
        check_real("share", self.share)

    def fit(self, interactions: Interactions) -> FittedTables:
        first, second = self.first.fit(interactions), self.second.fit(interactions)
        for name, part in (("first", first), ("second", second)):
            if not is_mixable(part):
                raise InvalidInputError(name, "expected a recommender that publishes weights of items only")
        return mixed(first, second, share=self.share)  # type: ignore[arg-type]  # looked at just above

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        sizes = (getattr(part, "table_bytes", None) for part in (self.first, self.second))
        return sum(int(size(n_items)) if callable(size) else 0 for size in sizes)


def is_mixable(fitted: object) -> bool:
    """Whether all that it says of a visitor is said by the weights of the visitor's items."""
    return (
        isinstance(fitted, FittedTables)
        and fitted.learned.weights is not None
        and fitted.learned.visitors is None
    )


def mixed(first: FittedTables, second: FittedTables, *, share: float, neighbors: bool = True) -> FittedTables:
    """What `Mixture` publishes, of two that learned from the same interactions; ``neighbors``: the table of similar items,
    too."""
    weights = _mixed_weights(first, second, share=share)
    tables = replace(first.learned, weights=weights, neighbors=transpose(weights) if neighbors else None)
    return FittedTables(tables, first.history)


def _mixed_weights(first: FittedTables, second: FittedTables, *, share: float) -> SparseRows:
    """A few rows at a time: beside both tables and their sum little is held."""
    one, other = _weights(first), _weights(second)
    scale = _scale(one, first.history) or 1.0
    other_scale = (_scale(other, second.history) or 1.0) / share
    table = RowWriter(one.shape[0], one.nnz + other.nnz)
    for start, stop in row_blocks(one.indptr + other.indptr, _AT_ONCE):
        table.append(
            *_sorted(csr_array(_divided(one, start, stop, scale) + _divided(other, start, stop, other_scale)))
        )
    return table.rows()


def _divided(weights: csr_array[np.float32], start: int, stop: int, scale: float) -> csr_array[np.float64]:
    """Some of the rows."""
    some = weights[start:stop].astype(np.float64)
    some.data /= scale
    return csr_array(some)


def _weights(fitted: FittedTables) -> csr_array[np.float32]:
    table = fitted.learned.weights
    if table is None:
        raise InvalidInputError("weights", "there are none to mix")
    return csr_array((table.values, table.indices, table.indptr), shape=(len(table), len(table)))


def _scale(weights: csr_array[np.float32], history: csr_array[np.float64]) -> float:
    """What the best item of a visitor scores on average."""
    step = -(-history.shape[0] // _SAMPLED) or 1
    rows = np.arange(0, history.shape[0], step)
    best = np.zeros(len(rows)) if len(weights.data) else np.zeros(0)
    for start in range(0, len(best), _TOGETHER):
        sample = history[rows[start : start + _TOGETHER]]
        ones = csr_array((np.ones(sample.nnz, np.float32), sample.indices, sample.indptr), shape=sample.shape)
        best[start : start + _TOGETHER] = (ones @ weights).max(axis=1).toarray().ravel()
    reached = best[best > 0]
    return float(reached.mean()) if len(reached) else 0.0


def _sorted(
    weights: csr_array[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """(entries of each row, columns, values), largest value first in each row, ties by the lower column; what is not above 0 is left out."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    values = weights.data.astype(np.float32)
    kept = values > 0
    rows, columns, values = rows[kept], weights.indices[kept].astype(np.int32), values[kept]
    order = np.lexsort((columns, -values, rows))
    return np.bincount(rows, minlength=weights.shape[0]), columns[order], values[order]
