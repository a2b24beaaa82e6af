"""The one interface of every recommender."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import Tables


class FittedRecommender(ABC):
    """What a recommender learned. Immutable; the same for one visitor or a batch of them."""

    @abstractmethod
    def tables(self) -> Tables:
        """What is published; serving these tables gives the same items as :meth:`recommend`."""

    @abstractmethod
    def recommend(
        self, rows: NDArray[np.int32] | int, *, count: int, exclude_seen: bool = True
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The best items of visitors.

        Parameters
        ----------
        rows : int32 (m,) visitor rows of the training interactions, or one row
        count : how many items
        exclude_seen : leave out what the visitor already has in training

        Returns
        -------
        items int32 (m, count), scores float32 (m, count); (count,) each for a single row. Best first, ties by the
        lower item row; missing places hold item -1 and score NaN.

        Raises
        ------
        InvalidInputError when a row is outside the training visitors or count < 1.
        """

    @abstractmethod
    def neighbors(self, count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The most similar items of every item: items int32 (n_items, count), scores float32 of the same shape."""


class Recommender(ABC):
    """Hyper-parameters of one algorithm: subclass as a frozen dataclass with defaults for every field."""

    #: Without times it is another recommender, and `ladder.Auto` need not try it.
    needs_times: ClassVar[bool] = False

    @abstractmethod
    def fit(self, interactions: Interactions) -> FittedRecommender:
        """Learn. The same interactions give the same tables, in whatever order they stand."""

    def draft(self, visitors: NDArray[np.int64]) -> Recommender:
        """What is tried in its place where several are compared: a cheaper one where learning takes long.

        visitors : int64 rows, ascending, of all whom it will be asked for
        """
        return self

    def without_rows(self) -> Recommender:
        """One of the same item tables and ranking, for whom lists of visitors would be made in vain."""
        return self
