from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def serendipity(hits: NDArray[np.bool_], expected: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of the k places with a relevant item that the best sellers would not have shown.

    hits bool (m, k); expected bool (m, k): the item at that place also stands in the popularity list of that length
    → float64 (m,) in 0 … 1, at most the precision.
    Ge, Delgado-Battenfeld and Jannach, Beyond accuracy, RecSys 2010.
    """
    return np.asarray((hits & ~expected).mean(axis=1))


def expected_places(
    ranked: NDArray[np.int32], baseline: NDArray[np.int32], *, n_items: int
) -> NDArray[np.bool_]:
    """Which places hold an item of the same visitor's baseline list: bool (m, k).

    ranked, baseline int32 (m, k), -1 where a list is short.
    """
    rows = np.arange(len(ranked), dtype=np.int64)[:, None] * n_items
    return np.asarray(np.isin(rows + ranked, (rows + baseline)[baseline >= 0]) & (ranked >= 0))
