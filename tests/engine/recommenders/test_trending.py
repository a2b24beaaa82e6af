import math

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.trending import Trending
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY


def sold(*items):
    """Each item from the ages in days of its visitors' events; nobody has two items."""
    pairs, times = [], []
    for item, ages in enumerate(items):
        for age in ages:
            pairs.append((len(pairs), item))
            times.append((1_000 - age) * DAY)
    return make_interactions(pairs, n_visitors=len(pairs), n_items=len(items), times=times)


def ranked(interactions, **options):
    return Trending(**options).fit(interactions).tables().ranking


def test_what_grows_comes_before_what_sells_most():
    steady, grown, fading = list(range(300)), [*range(15)] * 3, list(range(100, 300, 2))
    assert ranked(sold(steady, grown, fading)).items.tolist() == [1, 0, 2]


def test_a_lucky_visitor_is_no_trend():
    # item 0: one visitor, today; item 1: sixty in the last days, and some long ago
    world = sold([0], [*range(6)] * 10 + [*range(0, 200, 10)], list(range(0, 300, 2)))
    assert ranked(world).items.tolist()[0] == 1
    assert ranked(world, shrinkage=0.01).items.tolist()[0] == 0


def test_the_growth_of_the_whole_shop_is_no_trend():
    # everything sells ten times as much as it did: no item stands out
    busy = [age for age in range(20) for _ in range(10)] + list(range(20, 300))
    assert ranked(sold(busy, busy[::2], busy[::5])).scores == pytest.approx([1, 1, 1], abs=0.02)


def test_by_hand():
    world = sold([0, 28], [28])
    now = np.array([1 + math.exp(-2), math.exp(-2)])
    usual = np.array([1 + math.exp(-0.5), math.exp(-0.5)])
    growth = (now + 2) / (usual * now.sum() / usual.sum() + 2)
    ranking = ranked(world, recent_days=14.0, usual_days=56.0, shrinkage=2.0)
    assert ranking.items.tolist() == [0, 1]
    assert ranking.scores.tolist() == pytest.approx((growth / growth.max()).tolist())


def test_items_that_nobody_has_are_not_listed():
    world = make_interactions([(0, 2)], n_visitors=1, n_items=4, times=[5])
    assert ranked(world).items.tolist() == [2]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"recent_days": 0}, "recent_days"),
        ({"usual_days": 14.0}, "usual_days"),
        ({"usual_days": None}, "usual_days"),
        ({"shrinkage": 0}, "shrinkage"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        Trending(**options)
    assert refusal.value.field == field
