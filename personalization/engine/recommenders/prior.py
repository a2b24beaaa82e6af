"""What sells now, added to what was learned of a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions


def with_prior(
    personal: FittedTables, interactions: Interactions, *, share: float, decay_days: float | None
) -> FittedTables:
    """The same tables with a ranking of recent popularity, of which serving adds ``share``.

    ``prior(t) = log1p(100 · p(t) / max(p)) / log(101)``, p the score of `Popularity(decay_days)`. With share 0 only
    visitors whose history reaches nothing get the ranking.
    """
    recent = pair_matrix(interactions, decay_days=decay_days)
    ranking = rank_items(np.log1p(100 * shares(recent)) / np.log(101), recent)
    tables = replace(personal.learned, ranking=ranking, prior_share=float(share))
    return FittedTables(tables, personal.history)
