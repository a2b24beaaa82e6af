import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import HeldOut, temporal_split
from personalization.testing import make_interactions


def events(times):
    pairs = [(0, 0), (0, 1), (1, 0), (0, 0), (1, 2), (1, 2), (0, 3)]
    return make_interactions(pairs, n_visitors=2, n_items=4, times=times)


def test_training_ends_where_the_test_begins():
    split = temporal_split(events([1, 2, 3, 10, 10, 11, 20]), at=10, until=20)
    assert len(split.train) == 3
    assert split.train.as_of == 10
    assert split.known.tolist() == [True, True, False, False]
    assert split.test.visitors.tolist() == [0, 1]  # (1, 2) happened twice, (0, 3) too late
    assert split.test.items.tolist() == [0, 2]
    assert split.test.repeat.tolist() == [True, False]


def test_without_an_end_everything_later_is_held_out():
    split = temporal_split(events([1, 2, 3, 10, 10, 11, 20]), at=10)
    assert split.test.items.tolist() == [0, 3, 2]


def test_unknown_times_cannot_be_split():
    with pytest.raises(InvalidInputError, match="times"):
        temporal_split(events(None), at=10)


def test_uneven_pairs_are_refused_by_name():
    rows = np.zeros(2, np.int32)
    with pytest.raises(InvalidInputError, match="repeat"):
        HeldOut(rows, rows, np.zeros(1, bool))
