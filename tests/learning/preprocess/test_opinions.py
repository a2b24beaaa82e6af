import numpy as np
import pytest

from personalization.engine.types import Kind
from personalization.learning.preprocess.opinions import dislikes, not_disliked, rating_values
from tests.learning.preprocess.rows import DAY, events, pairs, ratings


def test_what_is_rated_in_the_lower_half_was_not_liked():
    done = events(
        (1, 10, Kind.PURCHASE),
        (1, 10, Kind.RATE),
        (1, 11, Kind.VIEW),
        (2, 10, Kind.PURCHASE),
        (3, 10, Kind.VIEW),
    )
    kept, counts = not_disliked(done, ratings=ratings((1, 10, 0.25), (2, 10, 0.5), (4, 11, 0.0)))
    assert pairs(done.take(kept)) == [(1, 11), (2, 10), (3, 10)]
    assert counts == {"disliked": 2}


@pytest.mark.parametrize("said", [None, ratings()])
def test_without_ratings_everything_may_be_liked(said):
    kept, counts = not_disliked(events((1, 10, Kind.PURCHASE)), ratings=said)
    assert (kept.tolist(), counts) == ([True], {"disliked": 0})


def values(rows, *said, scale=(1, 5)):
    return rating_values(events(*rows), ratings(*said), scale=scale).tolist()


NONE = pytest.approx(np.nan, nan_ok=True)


def test_a_rating_stands_once_beside_the_newest_rating_event():
    rows = [(1, 10, Kind.RATE, 1), (1, 10, Kind.RATE, 2), (1, 10, Kind.VIEW, 3), (1, 11, Kind.VIEW, 3)]
    assert values(rows, (1, 10, 0.75)) == [NONE, 4, NONE, NONE]


def test_without_such_an_event_it_stands_beside_the_newest():
    rows = [(1, 10, Kind.PURCHASE, 4), (1, 10, Kind.VIEW, 3), (2, 10, Kind.VIEW, 9)]
    assert values(rows, (1, 10, 1.0)) == [5, NONE, NONE]


def test_a_rating_of_nothing_that_happened_stands_nowhere():
    assert values([(1, 10, Kind.VIEW)], (2, 10, 1.0), (1, 11, 1.0)) == [NONE]


@pytest.mark.parametrize(("scale", "value"), [((1, 5), 4), ((1, 10), 7.75), ((0, 1), 0.75), ((-2, 2), 1)])
def test_ratings_are_on_the_scale_of_the_shop(scale, value):
    assert values([(1, 10, Kind.RATE)], (1, 10, 0.75), scale=scale) == [value]


def low(*said, scale=(1, 5)):
    vocabulary = {"visitor_ids": np.array([3, 5]), "item_ids": np.array([20, 10], np.int32)}
    return dislikes(ratings(*said), **vocabulary, scale=scale)


def test_low_ratings_stand_by_themselves():
    told = low((5, 10, 0.25), (3, 10, 0.5), (3, 20, 0.0), (4, 20, 0.0), (9, 20, 0.0), (3, 30, 0.0))
    assert (told.visitors.tolist(), told.items.tolist()) == ([1, 0], [1, 0])
    assert (told.ratings.tolist(), told.times.tolist()) == ([2, 1], [0, 2 * DAY])
    assert low((5, 10, 0.25), scale=(0, 100)).ratings.tolist() == [25]


def test_where_nobody_says_anything_bad_there_is_nothing():
    assert low() is None
    assert low((5, 10, 1.0)) is None
