from dataclasses import replace

import numpy as np

from personalization.engine.recommenders.baskets import find_baskets
from personalization.testing import make_interactions

MINUTE = 60_000_000


def listed(baskets):
    return [sorted(baskets.items[[row]].indices.tolist()) for row in range(len(baskets))]


def test_without_orders_what_happened_at_one_instant_is_together():
    pairs = [(1, 3), (0, 2), (0, 1), (0, 0), (0, 2)]
    baskets = find_baskets(make_interactions(pairs, n_visitors=2, n_items=4, times=[5, 9, 7, 7, 9]))
    assert listed(baskets) == [[0, 1], [2], [3]]
    assert baskets.visitors.tolist() == [0, 0, 1]
    assert baskets.times.tolist() == [7, 9, 5]


def test_a_session_ends_with_a_long_pause():
    times = [0, 20 * MINUTE, 45 * MINUTE, 76 * MINUTE]
    interactions = make_interactions([(0, item) for item in range(4)], n_visitors=1, n_items=4, times=times)
    baskets = find_baskets(interactions, gap=30 * MINUTE)
    assert listed(baskets) == [[0, 1, 2], [3]]  # 45 minutes long, but never 30 without anything
    assert baskets.times.tolist() == [45 * MINUTE, 76 * MINUTE]


def test_an_order_is_together_whenever_its_lines_were_written():
    interactions = make_interactions(
        [(0, 0), (0, 1), (0, 2), (0, 3)], n_visitors=1, n_items=4, times=[1, 90, 50, 50]
    )
    ordered = replace(interactions, orders=np.array([7, 7, 8, -1]))
    baskets = find_baskets(ordered, gap=1_000)
    assert listed(baskets) == [[3], [2], [0, 1]]
    assert baskets.times.tolist() == [50, 50, 90]


def test_two_visitors_never_share_a_basket():
    both = replace(make_interactions([(0, 0), (1, 1)], n_visitors=2, n_items=2), orders=np.array([4, 4]))
    assert listed(find_baskets(both)) == [[0], [1]]


def test_without_times_and_orders_a_visitor_has_one_basket():
    assert listed(find_baskets(make_interactions([(0, 0), (1, 1), (0, 2)], n_visitors=3, n_items=3))) == [
        [0, 2],
        [1],
    ]


def test_nothing_makes_no_basket():
    baskets = find_baskets(make_interactions([], n_visitors=2, n_items=3))
    assert len(baskets) == 0
    assert baskets.items.shape == (0, 3)
