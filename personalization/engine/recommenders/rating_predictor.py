"""What a fitted recommender can do besides when it was learned from ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
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
