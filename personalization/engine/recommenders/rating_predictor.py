"""What a fitted recommender can do besides when it was learned from ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@runtime_checkable
class RatingPredictor(Protocol):
    """Says what visitors would think of items."""

    def predict(self, visitors: NDArray[Any], items: NDArray[Any]) -> NDArray[np.float32]:
        """The rating to expect of each pair, in the scale of the ratings learned from; NaN when there were none.

        Parameters
        ----------
        visitors, items : int (n,) rows of the training interactions

        Returns
        -------
        float32 (n,).

        Raises
        ------
        InvalidInputError naming ``visitors`` or ``items``.
        """


def check_pairs(
    visitors: NDArray[Any], items: NDArray[Any], *, shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Visitor and item rows that may be predicted, int64 (n,) each.

    shape : (n_visitors, n_items). Raises InvalidInputError naming ``visitors`` or ``items``.
    """
    rows, columns = _rows("visitors", visitors, shape[0]), _rows("items", items, shape[1])
    if rows.shape != columns.shape:
        raise InvalidInputError("items", f"expected shape {rows.shape}, got {columns.shape}")
    return rows, columns


def _rows(field: str, rows: NDArray[Any], size: int) -> NDArray[np.int64]:
    checked = np.asarray(rows)
    if checked.ndim != 1 or (checked.size and checked.dtype.kind not in "iu"):
        raise InvalidInputError(field, "expected an int array of rows")
    if checked.size and (checked.min() < 0 or checked.max() >= size):
        raise InvalidInputError(field, f"rows must lie in 0 … {size - 1}", code="unknown")
    return checked.astype(np.int64)
