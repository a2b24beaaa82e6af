import math
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.recommenders.loyalty import loyalty
from personalization.engine.recommenders.own_items import occasions, own_shares
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY, random_interactions, shuffled


def told(entries, *, orders=None, weights=None, n_items=3):
    """Interactions of one visitor from (item, day) pairs."""
    interactions = make_interactions(
        [(0, item) for item, _ in entries],
        n_visitors=1,
        n_items=n_items,
        times=[int(day * DAY) for _, day in entries],
    )
    changes = {} if weights is None else {"weights": np.array(weights, np.float32)}
    if orders is not None:
        changes["orders"] = np.array(orders, np.int64)
    return replace(interactions, **changes)


def test_what_happened_on_one_day_is_one_occasion():
    counted = occasions(told([(0, 1.1), (0, 1.9), (0, 2.1), (1, 1.5)], weights=[5, 1, 1, 1]))
    assert sorted(zip(counted.items, counted.weights, strict=True)) == [(0, 1), (0, 5), (1, 1)]


def test_an_order_is_one_occasion_and_two_orders_of_one_day_are_two():
    assert len(occasions(told([(0, 1.1), (0, 1.2), (0, 1.3)], orders=[7, 7, 8]))) == 2
    assert len(occasions(told([(0, 1.1), (0, 1.2), (0, 1.3)], orders=[1, -1, -1]))) == 2


def test_without_times_and_orders_each_entry_is_an_occasion():
    interactions = make_interactions([(0, 0), (0, 0), (0, 1)], n_visitors=1, n_items=2)
    assert len(occasions(interactions)) == 3


def test_shares_by_hand():
    shares = own_shares(told([(0, 1), (0, 2), (0, 3), (2, 1)])).toarray()
    assert shares == pytest.approx(np.array([[1.0, 0.0, math.log(2) / math.log(4)]]))


def test_the_scale_of_weights_does_not_matter_their_ratio_does():
    light = own_shares(told([(0, 1), (0, 2), (1, 1)], weights=[1, 1, 1])).toarray()
    heavy = own_shares(told([(0, 1), (0, 2), (1, 1)], weights=[5, 5, 5])).toarray()
    mixed = own_shares(told([(0, 1), (0, 2), (1, 1)], weights=[5, 5, 1])).toarray()
    assert np.array_equal(light, heavy)
    assert mixed[0, 1] < light[0, 1]


def test_the_order_of_rows_changes_no_bit():
    interactions = random_interactions(n=3_000)
    first, second = own_shares(interactions), own_shares(shuffled(interactions))
    assert np.array_equal(first.data, second.data)
    assert np.array_equal(first.indices, second.indices)
    assert loyalty(interactions) == loyalty(shuffled(interactions))


def weekly(*, again, n_visitors=20, n_items=40):
    """Every visitor takes something each week: its own two items in turn, or never the same again."""
    entries = [
        (visitor, (2 * visitor + (week % 2 if again else week)) % n_items, week * 7 * DAY)
        for visitor in range(n_visitors)
        for week in range(12)
    ]
    return make_interactions(
        [(visitor, item) for visitor, item, _ in entries],
        n_visitors=n_visitors,
        n_items=n_items,
        times=[time for _, _, time in entries],
    )


def test_who_comes_back_is_loyal_and_who_never_does_is_not():
    assert loyalty(weekly(again=True)) == 1.0
    assert loyalty(weekly(again=False)) == 0.0


def test_loyalty_lies_between_when_some_come_back_seldom():
    rng = np.random.default_rng(2)
    pairs = [(visitor, int(rng.integers(30))) for visitor in range(200) for _ in range(20)]
    times = [int(rng.integers(100)) * DAY for _ in pairs]
    assert 0.3 < loyalty(make_interactions(pairs, n_visitors=200, n_items=30, times=times)) <= 1.0


def test_without_times_pairs_that_stand_several_times_tell():
    once = make_interactions([(v, i) for v in range(10) for i in range(4)], n_visitors=10, n_items=4)
    twice = make_interactions(
        [(v, i) for v in range(10) for i in range(4) for _ in range(2)], n_visitors=10, n_items=4
    )
    seldom = make_interactions(
        [(v, i) for v in range(10) for i in range(4)] + [(0, 0)], n_visitors=10, n_items=4
    )
    assert (loyalty(once), loyalty(twice)) == (0.0, 1.0)
    assert loyalty(seldom) == pytest.approx(0.5)  # one of forty


def test_nobody_is_neither():
    assert loyalty(make_interactions([], n_visitors=1, n_items=1)) == 0.0
