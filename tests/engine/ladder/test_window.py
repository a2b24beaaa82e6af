import numpy as np

from personalization.engine.evaluation import Task
from personalization.engine.ladder import window as window_module
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


def test_only_those_with_a_history_are_asked():
    old = [(visitor, (visitor + place) % 10, place) for visitor in range(30) for place in range(5)]
    back = [(visitor, (visitor + 5) % 10, 100) for visitor in range(30)]
    new = [(visitor, (visitor + place) % 10, 95) for visitor in range(30, 60) for place in range(5)]
    rows = old + back + new
    window = latest_window(
        make_interactions(
            [row[:2] for row in rows], n_visitors=60, n_items=10, times=[day * DAY for _, _, day in rows]
        )
    )
    assert len(window.split.train) == len(old)
    for targets in window.targets.values():
        assert targets.visitors.tolist() == list(range(30))


def test_where_every_visit_is_a_visitor_of_its_own_everybodys_newest_entry_is_held_back():
    rng = np.random.default_rng(0)
    pairs = [(visitor, int(item)) for visitor in range(400) for item in rng.choice(20, 3, replace=False)]
    times = [visitor * DAY + number % 3 for number, (visitor, _) in enumerate(pairs)]
    visits = make_interactions(pairs, n_visitors=400, n_items=20, times=times)
    window = latest_window(visits)
    assert len(window.split.train) == len(visits) - 400
    assert len(window.targets[Task.NEW].visitors) == 400


def test_where_enough_came_back_the_newest_part_of_the_time_decides():
    """However many more have a newest entry."""
    old = [
        (visitor, visitor % 10, day) for visitor in range(3_000) for day in (visitor % 70, visitor % 70 + 1)
    ]
    rows = [(visitor, (item + day) % 10, day) for visitor, item, day in old]
    rows += [(visitor, (visitor + 5) % 10, 100) for visitor in range(window_module.ENOUGH)]
    window = latest_window(
        make_interactions(
            [row[:2] for row in rows], n_visitors=3_000, n_items=10, times=[day * DAY for *_, day in rows]
        )
    )
    assert len(window.split.train) == len(old)


def test_many_visitors_are_sampled_evenly(monkeypatch):
    every = latest_window(tastes()).targets[Task.NEW].visitors
    monkeypatch.setattr(window_module, "MOST_VISITORS", len(every) // 3 + 1)
    assert latest_window(tastes()).targets[Task.NEW].visitors.tolist() == every[::3].tolist()


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
