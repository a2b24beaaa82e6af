from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.evaluation import HeldOut, RatingTest, Split, leave_last_out, temporal_split
from personalization.engine.recommenders.biased_svd import BiasedSVD
from personalization.engine.recommenders.popularity import Popularity
from personalization.testing import make_interactions

NONE = np.nan


def rated(pairs, ratings, times=None):
    plain = make_interactions(pairs, n_visitors=3, n_items=4, times=times)
    return replace(plain, ratings=np.array(ratings, np.float32))


@pytest.fixture
def split():
    train = rated([(0, 0), (1, 0), (1, 1), (2, 2)], [1, 3, 5, NONE])
    visitors, items = np.array([0, 0, 2, 2, 1], np.int32), np.array([1, 2, 0, 3, 2], np.int32)
    ratings = np.array([4, 2, 3, 5, NONE], np.float32)
    return Split(train, HeldOut(visitors, items, np.zeros(5, np.bool_), ratings))


def test_ratings_of_items_that_training_has_are_compared(split):
    test = RatingTest.of(split)
    # (2, 3) is of an item that nobody could know, (1, 2) is no rating
    assert test.visitors.tolist() == [0, 0, 2]
    assert test.items.tolist() == [1, 2, 0]
    assert test.actual.tolist() == [4, 2, 3]


def test_means_are_those_of_training(split):
    means = RatingTest.of(split).means()
    # all: 3, off by 1, -1, 0; item 1: 5, item 0: 2, item 2 has no rating, so 3: off by 1, 1, -1
    assert means["global-mean"] == pytest.approx({"rmse": np.sqrt(2 / 3), "mae": 2 / 3})
    assert means["item-mean"] == pytest.approx({"rmse": 1.0, "mae": 1.0})


def test_what_a_recommender_predicts_is_measured(split):
    fitted = BiasedSVD(factors=1).fit(split.train)
    predicted = fitted.predict(np.array([0, 0, 2]), np.array([1, 2, 0]))
    expected = np.abs(predicted - np.array([4, 2, 3])).mean()
    assert RatingTest.of(split).errors(fitted)["mae"] == pytest.approx(expected)


def test_who_predicts_nothing_has_no_errors(split):
    assert RatingTest.of(split).errors(Popularity().fit(split.train)) == {}
    assert RatingTest.of(split).errors(BiasedSVD().fit(replace(split.train, ratings=None))) == {}


@pytest.mark.parametrize("unknown", ["train", "test"])
def test_without_ratings_on_both_sides_there_is_nothing_to_compare(split, unknown):
    other = replace(getattr(split, unknown), ratings=None)
    test = RatingTest.of(replace(split, **{unknown: other}))
    assert len(test) == 0
    assert test.means() == {}
    assert test.errors(BiasedSVD().fit(split.train)) == {}


def test_splits_keep_the_newest_rating_of_a_pair():
    whole = rated([(0, 0), (1, 1), (1, 1), (1, 1), (0, 1)], [2, 5, 4, NONE, NONE], times=[1, 11, 12, 13, 14])
    test = temporal_split(whole, at=10).test
    assert test.visitors.tolist() == [0, 1]
    assert np.array_equal(test.ratings, [NONE, 4], equal_nan=True)
    assert temporal_split(replace(whole, ratings=None), at=10).test.ratings is None


def test_the_last_one_is_left_out_with_its_rating():
    whole = rated([(0, 0), (0, 1), (1, 2), (1, 3)], [2, 5, 4, 1], times=[1, 2, 4, 3])
    test = leave_last_out(whole).test
    assert test.items.tolist() == [1, 2]
    assert test.ratings.tolist() == [5, 4]
