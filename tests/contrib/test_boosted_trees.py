"""What rankers say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.contrib.wanted import wanted

if not wanted("lightgbm", "rank"):
    pytest.skip("needs the extra [rank]", allow_module_level=True)

from personalization.contrib.boosted_trees import BoostedTrees
from personalization.engine.two_stage.examples import Examples

SMALL = BoostedTrees(objective="likelihood", trees=20, leaves=4, leaf_rows=5)


def examples() -> Examples:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(400, 6)).astype(np.float32)
    taken = values[:, 0] + values[:, 1] + rng.normal(size=400) > 1
    return Examples(tuple("abcdef"), values, taken, np.full(20, 20, np.int64))


def test_voters_differ_by_their_seed_and_their_mean_decides() -> None:
    told = examples()
    ranker = replace(SMALL, votes=3).learn([told], seed=2)
    alone = [SMALL.learn([told], seed=seed).score(told.values) for seed in (6, 7, 8)]
    assert len(ranker.votes) == 3
    assert not np.allclose(alone[0], alone[1])
    np.testing.assert_allclose(ranker.score(told.values), np.mean(alone, axis=0), rtol=1e-12)


@pytest.mark.parametrize("objective", ["likelihood", "order"])
def test_what_is_taken_scores_higher(objective: str) -> None:
    told = examples()
    scores = replace(SMALL, objective=objective, votes=2).learn([told], seed=0).score(told.values)
    assert scores.dtype == np.float64
    assert (scores[told.taken][:, None] > scores[~told.taken]).mean() > 0.8
