"""Boosted trees that order candidates, by LightGBM (extra ``[rank]``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.hyperparameters import check_choice, check_real, check_whole

try:
    import lightgbm
except ImportError:  # `check_installed` says so, and the module can be looked at without the extra
    lightgbm = None

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.examples import Examples

_OBJECTIVES: Final = {"order": "rank_xendcg", "likelihood": "binary"}
_ALONE: Final = {"num_threads": 1, "verbose": -1}


def check_installed() -> None:
    """Raise InvalidInputError naming ``recommender`` unless LightGBM is installed."""
    if lightgbm is None:
        raise InvalidInputError("recommender", "it needs lightgbm: pip install django-personalization[rank]")


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """What was learned: rankers that vote."""

    votes: tuple[lightgbm.Booster, ...]

    def score(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64 (c,) of rows float32 (c, f): the higher the better. By one thread, as `BoostedTrees.learn`."""
        said = [one.predict(values, raw_score=True, num_threads=1) for one in self.votes]
        return np.asarray(np.mean(said, axis=0), np.float64)


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Hyper-parameters of one ranker.

    Parameters
    ----------
    objective     : "order": the order of each visitor's candidates (XE-NDCG); "likelihood": whether each is taken
    trees, leaves : how many trees, and leaves of each
    learning_rate : how much a tree adds
    leaf_rows     : the fewest rows of a leaf
    feature_share : the share of the columns that a tree sees, 0 < share ≤ 1
    l2            : penalty of large leaves, ≥ 0
    votes         : so many rankers learn, each with a seed of its own, and what they say is averaged, ≥ 1

    Raises
    ------
    InvalidInputError naming the parameter.

    Bruch, An alternative cross entropy loss for learning-to-rank, WWW 2021 (XE-NDCG); Ke et al., LightGBM, NeurIPS 2017.
    """

    objective: str = "order"
    trees: int = 250
    leaves: int = 15
    learning_rate: float = 0.05
    leaf_rows: int = 100
    feature_share: float = 0.3
    l2: float = 10.0
    votes: int = 1

    def __post_init__(self) -> None:
        check_choice("objective", self.objective, tuple(_OBJECTIVES))
        check_whole("trees", self.trees, minimum=1)
        check_whole("leaves", self.leaves, minimum=2)
        check_whole("leaf_rows", self.leaf_rows, minimum=1)
        check_whole("votes", self.votes, minimum=1)
        check_real("learning_rate", self.learning_rate)
        check_real("feature_share", self.feature_share)
        if self.feature_share > 1:
            raise InvalidInputError("feature_share", f"expected at most 1, got {self.feature_share!r}")
        check_real("l2", self.l2, inclusive=True)

    def learn(self, parts: Sequence[Examples], *, seed: int) -> Ranker:
        """From examples in parts.

        By one thread: LightGBM's own wait for each other wherever a machine does something else.
        """
        data = lightgbm.Dataset(
            [part.values for part in parts],
            np.concatenate([part.taken for part in parts]).astype(np.float32),
            group=np.concatenate([part.groups for part in parts]),
            params=_ALONE,
        )
        every = [
            lightgbm.train(
                {**self._parameters, **_ALONE, "seed": self.votes * seed + vote},
                data,
                num_boost_round=self.trees,
            )
            for vote in range(self.votes)
        ]
        return Ranker(tuple(every))

    @property
    def _parameters(self) -> dict[str, Any]:
        return {
            "objective": _OBJECTIVES[self.objective],
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.leaf_rows,
            "feature_fraction": self.feature_share,
            "lambda_l2": self.l2,
            "deterministic": True,
            "force_row_wise": True,
        }
