import math

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.ranking import Scratch, gather, score_history
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY, random_interactions


def serve(tables, history, *, count):
    """One visitor's list as a request computes it."""
    prior = None
    if tables.ranking is not None:
        prior = np.zeros(len(tables.weights), np.float32)
        prior[tables.ranking.items] = tables.ranking.scores
    return score_history(
        gather(tables.weights, history),
        Scratch(len(tables.weights)),
        count=count,
        exclude=history,
        ranking=tables.ranking,
        prior=prior,
        prior_share=tables.prior_share,
    )


@pytest.mark.parametrize(
    "recommender", [ItemKNN(neighbors=10), RecencyBlend(neighbors=10), RecencyBlend(prior_share=0)]
)
def test_the_batch_gives_what_serving_gives(recommender):
    interactions = random_interactions()
    fitted = recommender.fit(interactions)
    items, scores = fitted.recommend(np.arange(300, dtype=np.int32), count=20)
    for visitor in range(300):
        history = np.unique(interactions.items[interactions.visitors == visitor])
        served = serve(fitted.tables(), history, count=20)
        found = len(served.items)
        assert np.array_equal(served.items, items[visitor, :found])
        assert np.array_equal(served.scores, scores[visitor, :found])
        assert (items[visitor, found:] == -1).all()


def test_the_score_by_hand():
    pairs = [(0, 0), (1, 0), (1, 1), (2, 2), (3, 2)]
    fitted = RecencyBlend(damping=0.0).fit(make_interactions(pairs, n_visitors=4, n_items=3))
    items, scores = fitted.recommend(0, count=3)
    similar = 1 / math.sqrt(2)  # items 0 and 1; it is the maximum, so it counts 1 before the prior is added
    half = math.log1p(50) / math.log(101)
    assert items.tolist() == [1, 2, -1]
    assert scores[0] == pytest.approx(similar * (1 + 0.3 * half))
    assert scores[1] == pytest.approx(similar * 0.3)


def test_without_history_the_ranking_answers():
    fitted = RecencyBlend().fit(make_interactions([(0, 1), (1, 1), (1, 0)], n_visitors=3, n_items=3))
    assert fitted.recommend(2, count=3)[0].tolist() == [1, 0, -1]


def test_recent_sales_move_the_prior():
    pairs = [(0, 0), (1, 0), (2, 1)]
    interactions = make_interactions(pairs, n_visitors=4, n_items=2, times=[0, 0, 60 * DAY])
    assert RecencyBlend().fit(interactions).tables().ranking.items.tolist() == [1, 0]
    assert RecencyBlend(prior_decay_days=None).fit(interactions).tables().ranking.items.tolist() == [0, 1]


def test_without_a_share_a_stranger_still_gets_the_ranking():
    fitted = RecencyBlend(prior_share=0).fit(make_interactions([(0, 0), (0, 1)], n_visitors=2, n_items=2))
    assert fitted.recommend(1, count=2)[0].tolist() == [0, 1]


def test_tells_its_size_beforehand():
    assert RecencyBlend(neighbors=20).table_bytes(1000) == ItemKNN(neighbors=20).table_bytes(1000)


@pytest.mark.parametrize(
    "field", ["neighbors", "damping", "decay_days", "prior_share", "prior_decay_days", "memory_budget_mb"]
)
def test_hyper_parameters_are_refused_by_name(field):
    with pytest.raises(InvalidInputError) as refusal:
        RecencyBlend(**{field: -1})
    assert refusal.value.field == field
