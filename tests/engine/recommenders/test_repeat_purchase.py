from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.repeat_purchase import RepeatPurchase
from personalization.engine.types import Kind
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, random_interactions

NOW = 1_000


def shop(habits, *, n_items, others=20):
    """Visitor 0 buys by habit {item: days}; ``others`` each bought every item once, yesterday."""
    own = [(0, item, day) for item, days in habits.items() for day in days]
    rest = [(visitor, item, NOW - 1) for visitor in range(1, others + 1) for item in range(n_items)]
    visitors, items, days = (np.array(column) for column in zip(*own, *rest, strict=True))
    return Interactions(
        visitors.astype(np.int32),
        items.astype(np.int32),
        np.ones(len(days), np.float32),
        others + 1,
        n_items,
        times=days.astype(np.int64) * DAY,
        as_of=NOW * DAY,
    )


def every(days, *, last, times):
    """Days on which something was bought that was last bought ``last`` days ago."""
    return [NOW - last - days * n for n in range(times)]


def own_list(interactions, **options):
    fitted = RepeatPurchase(**options).fit(interactions)
    return fitted.tables().repeats.row(0)[0].tolist()


def test_what_is_due_comes_before_what_was_just_bought():
    habits = {0: every(30, last=3, times=12), 1: every(30, last=29, times=12)}
    assert own_list(shop(habits, n_items=2)) == [1, 0]
    assert own_list(shop(habits, n_items=2), due_share=0.0) == [0, 1]


def test_each_item_has_its_own_rhythm():
    # both bought ten days ago: due where a week is usual, not yet where it is a month
    habits = {0: every(30, last=10, times=9), 1: every(7, last=10, times=9)}
    assert own_list(shop(habits, n_items=2), decay_days=None) == [1, 0]


def test_a_rhythm_seen_once_is_not_trusted_against_the_items_own():
    # a gap of 300 days of his own, where everybody buys the item each ten days: due after ten
    world = shop({0: [NOW - 310, NOW - 10], 1: every(10, last=10, times=2)}, n_items=2, others=0)
    weekly = [(v, 0, NOW - 1 - 10 * n) for v in range(1, 30) for n in range(9)]
    visitors, items, days = (np.array(column) for column in zip(*weekly, strict=True))
    crowd = replace(
        world,
        visitors=np.concatenate([world.visitors, visitors.astype(np.int32)]),
        items=np.concatenate([world.items, items.astype(np.int32)]),
        weights=np.ones(len(world) + len(visitors), np.float32),
        times=np.concatenate([world.times, days * DAY]),
        n_visitors=30,
    )
    trusting, careful = (
        RepeatPurchase(shrinkage=shrinkage, decay_days=None).fit(crowd).tables().repeats.row(0)
        for shrinkage in (0.01, 30.0)
    )
    of_item_0 = [float(scores[items.tolist().index(0)]) for items, scores in (trusting, careful)]
    assert of_item_0[1] > 1.5 * of_item_0[0]


def test_what_is_bought_more_often_comes_first():
    habits = {0: every(60, last=5, times=2), 1: every(60, last=5, times=6), 2: every(60, last=5, times=4)}
    assert own_list(shop(habits, n_items=3)) == [1, 2, 0]


def test_what_nobody_buys_any_more_comes_later():
    habits = {item: every(20, last=200, times=6) for item in range(2)}
    world = shop(habits, n_items=2)
    others_want_item_1 = world.take((world.visitors == 0) | (world.items == 1))
    assert own_list(world) == [0, 1]
    assert own_list(others_want_item_1) == [1, 0]


def test_nothing_is_said_where_nobody_buys_twice():
    once = make_interactions([(0, 0), (0, 1), (1, 1)], n_visitors=2, n_items=3, times=[0, DAY, DAY])
    tables = RepeatPurchase().fit(once).tables()
    assert len(tables.repeats.indices) == 0
    assert tables.visitors is None
    fitted = RepeatPurchase().fit(once)
    assert fitted.recommend(0, count=2, exclude_seen=False)[0].tolist() == [1, 0]  # what is popular


def test_an_item_that_nobody_repeats_is_not_called_a_repeat():
    # item 1 is bought once by many, item 0 again by everybody
    pairs = [(v, 1) for v in range(200)] + [(v, 0) for v in range(200) for _ in range(3)]
    times = [NOW * DAY] * 200 + [n * DAY for _ in range(200) for n in (800, 900, 1_000)]
    world = make_interactions(pairs, n_visitors=200, n_items=2, times=times)
    items, scores = RepeatPurchase(decay_days=None, due_share=0.0).fit(world).tables().repeats.row(0)
    assert items.tolist() == [0, 1]
    # r: 400 of 600 against 0 of 200, 20 purchases of the average item, half of which are repeats, with each
    r0, r1 = (400 + 20 * 0.5) / 620, (0 + 20 * 0.5) / 220
    assert scores.tolist() == pytest.approx([3 * r0**0.5, r1**0.5])


def test_new_items_come_from_the_ranking_alone():
    world = shop({0: every(30, last=3, times=3)}, n_items=3)
    items, _ = RepeatPurchase().fit(world).recommend(0, count=3)
    assert items.tolist() == [1, 2, -1]


def test_an_order_is_one_purchase_however_many_lines_it_has():
    pairs = [(0, 0)] * 4 + [(0, 1)] * 2
    times = [0, 0, 1, 2, 0, 5 * DAY]
    orders = np.array([1, 1, 1, 1, 2, 3])
    world = replace(make_interactions(pairs, n_visitors=1, n_items=2, times=times), orders=orders)
    items, scores = RepeatPurchase(decay_days=None, popularity_days=None).fit(world).tables().repeats.row(0)
    assert items.tolist() == [1, 0]
    assert scores[0] > 1.5 * scores[1]


def test_only_purchases_count_where_kinds_are_known():
    kinds = np.array([Kind.VIEW] * 5 + [Kind.PURCHASE] * 2, np.int16)
    pairs = [(0, 0)] * 5 + [(0, 1)] * 2
    world = replace(make_interactions(pairs, n_visitors=1, n_items=2, times=list(range(7))), kinds=kinds)
    assert RepeatPurchase().fit(world).tables().repeats.row(0)[0].tolist() == [1]


def test_lines_count_where_neither_orders_nor_times_are_known():
    world = make_interactions([(0, 0), (0, 1), (0, 1)], n_visitors=1, n_items=2)
    assert own_list(world) == [1, 0]


def test_the_length_of_a_list_is_bounded():
    habits = {item: every(30, last=30 + item, times=2) for item in range(9)}
    tables = RepeatPurchase(list_length=4).fit(shop(habits, n_items=9)).tables()
    assert tables.repeats.row(0)[0].tolist() == [0, 1, 2, 3]


def test_the_order_of_rows_changes_no_bit():
    world = random_interactions(n=2_000)
    mixed = world.take(np.random.default_rng(3).permutation(len(world)))
    assert_same_tables(RepeatPurchase().fit(mixed).tables(), RepeatPurchase().fit(world).tables())


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"decay_days": 0}, "decay_days"),
        ({"popularity_days": -1}, "popularity_days"),
        ({"due_share": 1.5}, "due_share"),
        ({"due_share": "half"}, "due_share"),
        ({"shrinkage": 0}, "shrinkage"),
        ({"list_length": 0}, "list_length"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        RepeatPurchase(**options)
    assert refusal.value.field == field
