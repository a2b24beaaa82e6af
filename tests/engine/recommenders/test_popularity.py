import math

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.popularity import Popularity
from personalization.testing import make_interactions

DAY = 86_400_000_000


def test_counts_distinct_visitors_and_not_events():
    pairs = [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (2, 2)]
    ranking = Popularity().fit(make_interactions(pairs, n_visitors=3, n_items=4)).tables().ranking
    assert ranking.items.tolist() == [1, 0, 2]  # ties by row; item 3 is nobody's
    assert ranking.scores.tolist() == [1.0, 0.5, 0.5]


def test_decay_counts_the_latest_event_of_each_visitor():
    pairs = [(0, 0), (0, 0), (1, 1), (2, 1)]
    times = [0, 14 * DAY, 0, 0]
    interactions = make_interactions(pairs, n_visitors=3, n_items=2, times=times)
    ranking = Popularity(decay_days=14.0).fit(interactions).tables().ranking
    assert ranking.items.tolist() == [0, 1]
    assert ranking.scores[1] == pytest.approx(2 * math.exp(-1))


def test_as_of_is_the_present_and_the_future_is_not_older_than_it():
    one = np.zeros(1, np.int32)
    times = np.array([5 * DAY])
    for as_of in (None, 0, 50 * DAY):
        interactions = Interactions(one, one, np.ones(1, np.float32), 1, 1, times=times, as_of=as_of)
        assert Popularity(decay_days=1.0).fit(interactions).tables().ranking.scores.tolist() == [1.0]


def test_everybody_gets_the_ranking_without_what_they_have():
    fitted = Popularity().fit(make_interactions([(0, 1), (1, 1), (1, 0)], n_visitors=3, n_items=2))
    assert fitted.recommend(2, count=2)[0].tolist() == [1, 0]
    assert fitted.recommend(0, count=2)[0].tolist() == [0, -1]
    assert fitted.recommend(0, count=2, exclude_seen=False)[0].tolist() == [1, 0]


def test_has_no_neighbors():
    items, scores = Popularity().fit(make_interactions([(0, 0)], n_visitors=1, n_items=2)).neighbors(3)
    assert (items == -1).all()
    assert np.isnan(scores).all()


@pytest.mark.parametrize("days", [0, -1, math.nan, "14"])
def test_decay_is_refused_by_name(days):
    with pytest.raises(InvalidInputError, match="decay_days"):
        Popularity(decay_days=days)
