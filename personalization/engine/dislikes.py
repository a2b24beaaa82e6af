"""What visitors think little of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Dislikes:
    """Low ratings, beside the `Interactions` whose vocabularies they share: one for each visitor and item.

    They are no interactions, so whatever counts who has what knows nothing of them. Who learns ratings needs them, or
    would believe that everybody likes everything.

    Parameters
    ----------
    visitors : int32 (n,)  visitor rows
    items    : int32 (n,)  item rows
    ratings  : float32 (n,)  finite, in the scale of `Interactions.ratings`
    times    : int64 (n,)  UTC microseconds

    Raises
    ------
    InvalidInputError naming the array of another length, or ``ratings`` that are not finite.
    """

    visitors: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.float32]
    times: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("items", "ratings", "times"):
            if getattr(self, name).shape != (len(self),):
                raise InvalidInputError(name, f"expected shape ({len(self)},)")
        if not np.isfinite(self.ratings).all():
            raise InvalidInputError("ratings", "expected finite numbers")

    def __len__(self) -> int:
        return len(self.visitors)

    def before(self, instant: int) -> Dislikes:
        """Those from before an instant (int64 UTC microseconds)."""
        early = self.times < instant
        return Dislikes(self.visitors[early], self.items[early], self.ratings[early], self.times[early])
