import math

import numpy as np
import pytest

from personalization.engine.recommenders.trend import trend
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY


def sold(days_of_items, *, as_of):
    pairs = [(visitor, item) for item, days in enumerate(days_of_items) for visitor in range(len(days))]
    times = [day * DAY for days in days_of_items for day in days]
    n = max(len(days) for days in days_of_items)
    interactions = make_interactions(pairs, n_visitors=n, n_items=len(days_of_items) + 1, times=times)
    return interactions.take(np.arange(len(pairs)), as_of=as_of * DAY)


def test_the_value_by_hand():
    ratio = (math.exp(-10 / 5) / 5) / (math.exp(-10 / 20) / 20)
    rising = trend(sold([[0]], as_of=10), days=5, base_days=20)
    assert rising[0] == pytest.approx((1 + math.tanh(math.log(ratio))) / 2)


def test_what_sells_lately_rises_and_what_sold_before_falls():
    values = trend(sold([[1, 2, 58, 59], [1, 2, 3, 4], [57, 58, 59, 60]], as_of=60), days=7, base_days=30)
    assert values[1] < 0.1 < values[0] < values[2]
    assert values[2] > 0.9


def test_an_item_that_nobody_took_is_as_ever():
    assert trend(sold([[1], [2]], as_of=3), days=7, base_days=30)[2] == 0.5


def test_without_times_everything_is_as_ever():
    interactions = make_interactions([(0, 0), (1, 0)], n_visitors=2, n_items=2)
    assert trend(interactions, days=7, base_days=30).tolist() == [0.5, 0.5]


def test_sales_that_are_ages_old_are_as_ever_and_finite():
    assert trend(sold([[0], [90_000]], as_of=90_000), days=7, base_days=30)[0] == 0.5
