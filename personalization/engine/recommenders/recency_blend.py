"""The recommended choice: recent likeness plus a little of what sells now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.hyperparameters import check_days, check_real
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.prior import with_prior

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.fitted import FittedTables


@dataclass(frozen=True, slots=True)
class RecencyBlend(Recommender):
    """User-damped cosine learned from recent pairs, plus recent popularity on a logarithmic scale.

    ``score(u, t) = s / max(s) + prior_share · log1p(100 · p(t) / max(p)) / log(101)``, where s is the score of
    `ItemKNN(neighbors, damping, decay_days)` and p that of `Popularity(prior_decay_days)`. When times are
    unknown nothing decays, and p is the all-time popularity.

    Parameters
    ----------
    neighbors, damping, decay_days, memory_budget_mb : as in `ItemKNN`
    prior_share      : how much popularity counts beside the best personal score, ≥ 0
    prior_decay_days : as `Popularity.decay_days`

    Raises
    ------
    InvalidInputError naming the parameter.

    How the defaults were chosen stands in docs/explanation/evaluation.md.
    """

    neighbors: int = 50
    damping: float = 0.25
    decay_days: float | None = 120.0
    prior_share: float = 0.3
    prior_decay_days: float | None = 14.0
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        check_real("prior_share", self.prior_share, inclusive=True)
        check_days("prior_decay_days", self.prior_decay_days)
        self._personal()

    def fit(self, interactions: Interactions) -> FittedTables:
        personal = self._personal().fit(interactions)
        return with_prior(personal, interactions, share=self.prior_share, decay_days=self.prior_decay_days)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables take in the database."""
        return self._personal().table_bytes(n_items)

    def _personal(self) -> ItemKNN:
        return ItemKNN(
            neighbors=self.neighbors,
            damping=self.damping,
            decay_days=self.decay_days,
            memory_budget_mb=self.memory_budget_mb,
        )
