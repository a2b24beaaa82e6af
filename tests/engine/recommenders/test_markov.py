import math
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.markov import MarkovChain
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, random_interactions

FIRST_ORDER = {"steps": 1, "together": 0.0, "damping": 0.0, "alpha": 1.0, "beta": 0.0, "decay_days": None}


def walks(*visitors, days=None):
    """Each visitor takes its items one after the other, a day apart unless told otherwise."""
    pairs = [(visitor, item) for visitor, items in enumerate(visitors) for item in items]
    times = [place * DAY for items in visitors for place in range(len(items))]
    times = times if days is None else [day * DAY for day in days]
    return make_interactions(pairs, n_visitors=len(visitors), n_items=6, times=times)


def chances(interactions, source, **options):
    """Item → what is published of it as a follower of the source."""
    tables = MarkovChain(**{**FIRST_ORDER, **options}).fit(interactions).tables()
    items, values = tables.neighbors.row(source)
    return {item: pytest.approx(value) for item, value in zip(items.tolist(), values.tolist(), strict=True)}


def test_first_order_gives_the_shares_of_what_came_next():
    world = walks([0, 1], [0, 1], [0, 2], [3, 0, 1], [1, 0])
    assert chances(world, 0) == {1: 3 / 4, 2: 1 / 4}
    assert chances(world, 3) == {0: 1.0}
    assert chances(world, 2) == {}


def test_direction_matters():
    # a printer, then its ink; never the other way round
    tables = MarkovChain(together=0.0).fit(walks([0, 1], [0, 1], [2, 3])).tables()
    assert tables.neighbors.row(0)[0].tolist() == tables.weights.row(0)[0].tolist() == [1]
    assert tables.neighbors.row(1)[0].tolist() == tables.weights.row(1)[0].tolist() == []
    assert MarkovChain(together=0.0).fit(walks([0, 1], [0, 1], [0])).recommend(2, count=1)[0].tolist() == [1]


def test_the_last_items_decide():
    # after 0 comes 3, after 1 comes 4; who took 0 and then 1 is offered 4 first, and the other way round
    world = walks([0, 3], [0, 3], [1, 4], [1, 4], [0, 1], [1, 0])
    fitted = MarkovChain(**{**FIRST_ORDER, "memory": 0.5}).fit(world)
    assert fitted.recommend(4, count=2)[0].tolist() == [4, 3]
    assert fitted.recommend(5, count=2)[0].tolist() == [3, 4]
    _, scores = fitted.recommend(4, count=2)
    # 1 was last, 0 one basket before; each was followed by the other once in three times
    assert scores.tolist() == pytest.approx([2 / 3, 0.5 * 2 / 3])


def test_what_is_skipped_counts_by_its_distance():
    world = walks([0, 1, 2, 3])
    assert chances(world, 0, steps=1) == {1: 1.0}
    total = 1 + 1 / 2 + 1 / 3
    assert chances(world, 0, steps=3) == {1: 1 / total, 2: 1 / 2 / total, 3: 1 / 3 / total}


def test_a_pause_weakens_a_transition():
    world = walks([0, 1], [0, 2], days=[0, 1, 0, 31])
    assert chances(world, 0) == {1: 0.5, 2: 0.5}
    near, far = math.exp(-1 / 10), math.exp(-31 / 10)
    assert chances(world, 0, gap_days=10.0) == {1: near / (near + far), 2: far / (near + far)}


def test_old_transitions_fade():
    world = walks([0, 1], [0, 2], days=[0, 1, 100, 101])
    old = math.exp(-100 / 50)
    assert chances(world, 0, decay_days=50.0) == {2: 1 / (1 + old), 1: old / (1 + old)}


def test_orders_are_the_steps_where_they_are_known():
    # two lines written a day apart are one order, so 1 does not follow 0 but 2 follows both
    world = replace(walks([0, 1, 2]), orders=np.array([5, 5, 6]))
    assert chances(world, 0) == {2: 1.0}
    assert chances(world, 1) == {2: 1.0}
    assert chances(world, 0, together=1.0) == {1: 0.5, 2: 0.5}


def test_nothing_follows_across_visitors():
    assert chances(walks([0], [1], [0]), 0) == {}


def test_who_takes_much_says_less():
    world = walks([0, 1], [0, 2, 3, 4, 5])
    assert chances(world, 0) == {1: 0.5, 2: 0.5}
    few, many = 2**-0.5, 5**-0.5
    assert chances(world, 0, damping=0.5) == {1: few / (few + many), 2: many / (few + many)}


def test_beta_holds_back_what_follows_on_everything():
    world = walks([0, 5], [1, 5], [2, 5], [3, 5], [0, 4])
    assert list(chances(world, 0)) == [4, 5]  # a tie
    assert chances(world, 0, beta=0.5) == {4: 0.5, 5: 0.5 / 2}


def test_an_item_never_follows_itself():
    assert chances(walks([0, 0, 0, 1]), 0) == {1: 1.0}


def test_the_tables_keep_the_best_of_each_side():
    tables = MarkovChain(neighbors=1, together=0.0).fit(walks([0, 1], [0, 1], [0, 2])).tables()
    assert np.diff(tables.neighbors.indptr).max() == 1
    assert tables.weights.row(0)[0].tolist() == [
        1,
        2,
    ]  # each target keeps its source, however many those serve


def test_live_events_are_served_by_the_weights():
    # the weights of the history's items, each counted once, are what a visitor without a row of its own gets
    tables = MarkovChain(**FIRST_ORDER).fit(walks([0, 1], [0, 2], [0, 2])).tables()
    columns, values = tables.weights.row(0)
    assert dict(zip(columns.tolist(), values.tolist(), strict=True)) == pytest.approx({2: 2 / 3, 1: 1 / 3})


def test_lists_hold_new_items_and_known_ones():
    interactions = random_interactions(n_visitors=40, n_items=60, n=900)
    tables = MarkovChain(list_length=4).fit(interactions).tables()
    assert np.diff(tables.visitors.indptr).max() == 8
    assert tables.repeats is None


def test_the_order_of_rows_changes_no_bit():
    world = random_interactions(n_visitors=60, n=2_000)
    mixed = world.take(np.random.default_rng(3).permutation(len(world)))
    assert_same_tables(MarkovChain().fit(mixed).tables(), MarkovChain().fit(world).tables())


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        MarkovChain(memory_budget_mb=0.01).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"together": -1}, "together"),
        ({"gap_days": 0}, "gap_days"),
        ({"decay_days": 0}, "decay_days"),
        ({"damping": -1}, "damping"),
        ({"alpha": -1}, "alpha"),
        ({"beta": "much"}, "beta"),
        ({"memory": 0}, "memory"),
        ({"memory": 1.1}, "memory"),
        ({"neighbors": 0}, "neighbors"),
        ({"list_length": 0}, "list_length"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        MarkovChain(**options)
    assert refusal.value.field == field
