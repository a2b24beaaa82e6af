import numpy as np

from personalization.engine.evaluation import Task
from personalization.engine.ladder.window import HELD_BACK, latest_window
from personalization.testing import make_interactions
from tests.engine.ladder.worlds import DAY, tastes


def test_the_newest_days_are_held_back():
    interactions = tastes()
    window = latest_window(interactions)
    span = interactions.times.max() - interactions.times.min()
    assert window.split.train.times.max() < interactions.times.max() - HELD_BACK * span
    assert len(window.split.train) + len(window.split.test.items) == len(interactions)
    assert set(window.targets) == {Task.NEW, Task.ALL}


def test_without_times_a_part_of_everybodys_items_is_drawn():
    interactions = tastes(times=False)
    window = latest_window(interactions)
    assert set(window.targets) == {Task.NEW}
    share = len(window.split.test.items) / len(interactions)
    assert 0.12 < share < 0.28
    assert len(np.unique(window.split.test.visitors)) > 60


def test_the_draw_does_not_depend_on_the_order():
    interactions = tastes(times=False)
    mixed = interactions.take(np.random.default_rng(1).permutation(len(interactions)))
    one, other = latest_window(interactions).split.test, latest_window(mixed).split.test
    assert np.array_equal(one.visitors, other.visitors)
    assert np.array_equal(one.items, other.items)


def test_too_few_visitors_say_nothing():
    pairs = [(visitor, item) for visitor in range(5) for item in range(4)]
    times = [item * DAY for _, item in pairs]
    assert latest_window(make_interactions(pairs, n_visitors=5, n_items=4, times=times)) is None
    assert latest_window(make_interactions([], n_visitors=0, n_items=0, times=[])) is None
    assert latest_window(make_interactions([], n_visitors=0, n_items=0)) is None
