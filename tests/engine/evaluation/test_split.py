from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.engine.dislikes import Dislikes
from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import HeldOut, leave_last_out, temporal_split
from personalization.testing import make_interactions


def events(times):
    pairs = [(0, 0), (0, 1), (1, 0), (0, 0), (1, 2), (1, 2), (0, 3)]
    return make_interactions(pairs, n_visitors=2, n_items=4, times=times)


def test_training_ends_where_the_test_begins():
    split = temporal_split(events([1, 2, 3, 10, 10, 11, 20]), at=10, until=20)
    assert len(split.train) == 3
    assert split.train.as_of == 10
    assert split.known.tolist() == split.possible.tolist() == [True, True, False, False]
    assert split.test.visitors.tolist() == [0, 1]  # (1, 2) happened twice, (0, 3) too late
    assert split.test.items.tolist() == [0, 2]
    assert split.test.repeat.tolist() == [True, False]


def test_without_an_end_everything_later_is_held_out():
    split = temporal_split(events([1, 2, 3, 10, 10, 11, 20]), at=10)
    assert split.test.items.tolist() == [0, 3, 2]


def test_training_does_not_know_of_what_is_listed_after_the_cut():
    catalog = Catalog(titles=("",) * 4, listed_at=np.array([1, 9, 10, 11]))
    whole = replace(events([1, 2, 3, 10, 10, 11, 20]), catalog=catalog)
    split = temporal_split(whole, at=10)
    assert split.train.catalog.listed_at.tolist() == [1, 9, 10, UNKNOWN_TIME]


def test_training_does_not_know_what_was_disliked_after_the_cut():
    low = Dislikes(
        np.array([0, 1], np.int32), np.array([3, 3], np.int32), np.ones(2, np.float32), np.array([9, 10])
    )
    split = temporal_split(replace(events([1, 2, 3, 10, 10, 11, 20]), dislikes=low), at=10)
    assert split.train.dislikes.visitors.tolist() == [0]


def test_unknown_times_cannot_be_split():
    with pytest.raises(InvalidInputError, match="times"):
        temporal_split(events(None), at=10)


def test_uneven_pairs_are_refused_by_name():
    rows = np.zeros(2, np.int32)
    with pytest.raises(InvalidInputError, match="repeat"):
        HeldOut(rows, rows, np.zeros(1, bool))


def test_the_last_of_each_visitor_is_left_out():
    pairs = [(0, 0), (0, 1), (1, 0), (0, 0), (1, 2), (2, 3)]
    split = leave_last_out(
        make_interactions(pairs, n_visitors=3, n_items=4, times=[1, 2, 9, 7, 3, 5])
    )  # visitor 2 has one only
    assert split.test.visitors.tolist() == [0, 1]
    assert split.test.items.tolist() == [0, 0]
    assert split.test.repeat.tolist() == [True, False]
    assert sorted(zip(split.train.visitors.tolist(), split.train.items.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 2),
        (2, 3),
    ]


def test_of_equal_times_the_same_one_is_last_in_whatever_order_they_stand():
    pairs, drawn = [(0, 2), (0, 1), (0, 3)], set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        shuffled = make_interactions([pairs[n] for n in order], n_visitors=1, n_items=4, times=[5, 5, 5])
        drawn.add(leave_last_out(shuffled).test.items.tolist()[0])
    assert len(drawn) == 1


def test_without_times_nothing_is_last():
    with pytest.raises(InvalidInputError, match="times"):
        leave_last_out(events(None))


def test_of_equal_lines_the_heavier_is_left_out_in_whatever_order_they_stand():
    for weights in ([1, 3, 2], [3, 2, 1]):
        equal = make_interactions([(0, 1)] * 3, n_visitors=1, n_items=2, times=[5] * 3)
        heavy = replace(equal, weights=np.array(weights, dtype=np.float32))
        assert sorted(leave_last_out(heavy).train.weights.tolist()) == [1, 2]


def test_of_one_order_one_line_is_drawn_and_not_the_same_item_for_everybody():
    pairs = [(visitor, item) for visitor in range(60) for item in range(3)]
    found = []
    for order in (range(180), reversed(range(180))):
        shuffled = make_interactions([pairs[n] for n in order], n_visitors=60, n_items=3, times=[5] * 180)
        found.append(leave_last_out(shuffled).test.items.tolist())
    assert found[0] == found[1]
    assert min(found[0].count(item) for item in range(3)) > 10


def test_what_the_catalog_lists_may_be_shown_without_training():
    train = replace(events(None), catalog=Catalog(titles=("Cup", "", "Plate", "Bowl")))
    pairs = train.items != 3
    split = temporal_split(replace(train, times=np.where(pairs, 1, 9)), at=5)
    assert split.known.tolist() == [True, True, True, False]
    assert split.possible.tolist() == [True, True, True, True]
    unnamed = replace(split, train=replace(split.train, catalog=Catalog(titles=("",) * 4)))
    assert unnamed.possible.tolist() == unnamed.known.tolist()
