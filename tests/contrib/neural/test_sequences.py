import numpy as np

from personalization.contrib.neural.sequences import Sequences
from personalization.engine.interactions import Interactions
from personalization.testing import make_interactions

DAY = 86_400_000_000


def of(pairs, times=None, *, n_visitors=3, n_items=9, decay_days=None):
    told = make_interactions(pairs, n_visitors=n_visitors, n_items=n_items, times=times)
    return Sequences.of(told, decay_days=decay_days)


def test_steps_lead_from_each_item_to_the_next():
    sequences = of([(0, 5), (2, 1), (0, 3), (0, 4)], [30, 10, 20, 10])
    inputs, targets, weights = sequences.windows(3)
    assert inputs.tolist() == [[0, 5, 4]]
    assert targets.tolist() == [[0, 4, 6]]
    assert weights.tolist() == [[0, 1, 1]]


def test_long_histories_are_cut_from_the_newest_end_and_lose_no_step():
    inputs, targets, _ = of([(1, item) for item in range(6)], list(range(6))).windows(2)
    assert inputs.tolist() == [[4, 5], [2, 3], [0, 1]]
    assert targets.tolist() == [[5, 6], [3, 4], [0, 2]]


def test_the_newest_items_of_visitors_stand_on_the_right():
    sequences = of([(0, item) for item in (8, 2, 5, 7)] + [(2, 3)], [1, 2, 3, 4, 1])
    assert sequences.newest(np.array([0, 1, 2, 0]), 3).tolist() == [
        [3, 6, 8],
        [0, 0, 0],
        [0, 0, 4],
        [3, 6, 8],
    ]


def test_an_item_of_one_instant_stands_once_and_one_of_two_instants_twice():
    assert of([(0, 1), (0, 1), (0, 1)], [5, 5, 6]).items.tolist() == [1, 1]


def test_only_what_has_the_same_time_changes_places():
    sequences = of([(0, item) for item in range(8)] + [(1, 8)], [0, 0, 0, 0, 1, 1, 1, 1, 0])
    seen = {tuple(sequences.shuffled(np.random.default_rng(seed)).items.tolist()) for seed in range(20)}
    assert len(seen) > 10
    assert all(set(items[:4]) == {0, 1, 2, 3} and items[8] == 8 for items in seen)


def test_without_times_nothing_comes_first():
    sequences = of([(0, 0), (0, 1)])
    firsts = {int(sequences.shuffled(np.random.default_rng(seed)).items[0]) for seed in range(20)}
    assert firsts == {0, 1}


def test_old_steps_count_less_when_asked_to():
    told = Interactions(
        np.zeros(3, np.int32),
        np.arange(3, dtype=np.int32),
        np.ones(3, np.float32),
        1,
        3,
        np.array([0, 0, 10]) * DAY,
    )
    _, _, weights = Sequences.of(told, decay_days=10.0).windows(2)
    np.testing.assert_allclose(weights, [[np.exp(-1), 1.0]], rtol=1e-6)


def test_nobody_has_no_steps():
    inputs, targets, _ = of([]).windows(4)
    assert inputs.shape == targets.shape == (0, 4)
