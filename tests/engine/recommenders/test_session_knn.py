import math
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders import session_knn as module
from personalization.engine.recommenders.session_knn import SessionKNN
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, random_interactions

MINUTE = 60_000_000
PLAIN = {"damping": 0.0, "idf": False, "memory": 1.0, "decay_days": None}


def orders(*sessions, n_items=8):
    """(visitor, items) of each order, a day apart."""
    entries = [(visitor, item, place) for place, (visitor, items) in enumerate(sessions) for item in items]
    visitors = 1 + max(visitor for visitor, _ in sessions)
    pairs = [(visitor, item) for visitor, item, _ in entries]
    times = [place * DAY for _, _, place in entries]
    world = make_interactions(pairs, n_visitors=visitors, n_items=n_items, times=times)
    return replace(world, orders=np.array([place for _, _, place in entries]))


def row(interactions, visitor=0, **options):
    items, scores = SessionKNN(**{**PLAIN, **options}).fit(interactions).tables().visitors.row(visitor)
    return dict(zip(items.tolist(), scores.tolist(), strict=True))


def ordered():
    """Random interactions, three orders of each visitor."""
    world = random_interactions(n_visitors=40, n_items=60, n=900)
    return replace(world, orders=world.visitors * 3 + world.times // (34 * DAY))


def test_the_sessions_that_share_most_speak_loudest():
    world = orders((1, [0, 1, 2]), (2, [0, 3]), (3, [4, 5]), (0, [0, 1]))
    # two items in common with the first, one with the second, none with the third
    assert row(world) == pytest.approx({0: 3.0, 1: 2.0, 2: 2.0, 3: 1.0})


def test_only_the_nearest_sessions_are_asked():
    world = orders((1, [0, 1, 2]), (2, [0, 3]), (0, [0, 1]))
    assert row(world, neighbors=1) == pytest.approx({0: 2.0, 1: 2.0, 2: 2.0})


def test_of_equal_sessions_the_newest_is_asked():
    world = orders((1, [0, 1]), (2, [0, 2]), (3, [0, 3]), (0, [0]))
    assert set(row(world, neighbors=1)) == {0, 3}
    assert set(row(world, sample=3)) == {0, 2, 3}  # his own is one of the three


def test_the_sample_comes_before_the_likeness():
    # the old session is the most alike, but two newer ones share something
    world = orders((1, [0, 1, 7]), (2, [0, 2]), (3, [1, 3]), (0, [0, 1]))
    assert 7 in row(world, neighbors=1, sample=4)
    assert 7 not in row(world, sample=3)


def test_what_was_taken_last_counts_most():
    world = orders((1, [0, 2]), (2, [1, 3]), (0, [0]), (0, [1]))
    assert row(world, memory=0.5) == pytest.approx({1: 1.0, 3: 1.0, 0: 0.5, 2: 0.5})
    swapped = orders((1, [0, 2]), (2, [1, 3]), (0, [1]), (0, [0]))
    assert row(swapped, memory=0.5) == pytest.approx({0: 1.0, 2: 1.0, 1: 0.5, 3: 0.5})


def test_large_sessions_say_less():
    world = orders((1, [0, 1, 2, 3]), (2, [0, 4]), (0, [0]))
    assert row(world, damping=1.0) == pytest.approx({0: 3 / 4, 4: 1 / 2, 1: 1 / 4, 2: 1 / 4, 3: 1 / 4})


def test_old_sessions_fade():
    world = orders((1, [0, 1]), (2, [0, 2]), (0, [0]))
    found = row(world, decay_days=10.0)
    assert found == pytest.approx({0: math.exp(-0.1) + math.exp(-0.2), 2: math.exp(-0.1), 1: math.exp(-0.2)})


def test_rare_items_count_more():
    world = orders((1, [0, 1]), (2, [0, 2]), (3, [2, 3]), (4, [2, 4]), (0, [0]))
    found = row(world, idf=True)
    assert found[1] == pytest.approx(math.log1p(5 / 1))
    assert found[2] == pytest.approx(math.log1p(5 / 3))


def test_ones_own_sessions_have_no_say():
    world = orders((0, [0, 5]), (1, [0, 1]), (0, [0]))
    assert row(world) == pytest.approx({0: 1.0, 1: 1.0})


def test_without_orders_a_pause_ends_a_session():
    pairs = [(1, 0), (1, 1), (1, 2), (0, 0)]
    times = [0, 20 * MINUTE, 80 * MINUTE, 90 * MINUTE]
    world = make_interactions(pairs, n_visitors=2, n_items=3, times=times)
    assert set(row(world)) == {0, 1}
    assert set(row(world, gap_minutes=60)) == {0, 1, 2}
    assert set(row(world, gap_minutes=10)) == {0}


def test_position_is_told_by_instants_within_a_session():
    pairs = [(1, 0), (1, 2), (2, 1), (2, 3), (0, 0), (0, 1)]
    times = [0, 1, 0, 1, 5 * MINUTE, 6 * MINUTE]
    world = make_interactions(pairs, n_visitors=3, n_items=4, times=times)
    assert row(world, memory=0.5) == pytest.approx({1: 1.0, 3: 1.0, 0: 0.5, 2: 0.5})


def test_the_item_table_is_the_same_score_made_linear():
    world = orders((1, [0, 1, 2]), (2, [0, 3]), (3, [1, 2]), (4, [4, 5]), (0, [0, 1]))
    # asking all sessions, and nothing of the own ones to leave out but what is known anyway
    own = row(world, damping=0.5, idf=True)
    tables = SessionKNN(**{**PLAIN, "damping": 0.5, "idf": True}).fit(world).tables()
    summed = dict.fromkeys(range(8), 0.0)
    for source in (0, 1):
        for target, value in zip(*map(np.ndarray.tolist, tables.weights.row(source)), strict=True):
            summed[target] += value
    for item in (2, 3):
        assert summed[item] == pytest.approx(own[item])
    assert summed[4] == summed[5] == 0


def test_neighbors_are_what_a_seed_speaks_for():
    world = orders((1, [0, 1]), (2, [0, 1]), (3, [0, 2]), (4, [1, 3]))
    items, scores = SessionKNN(**PLAIN).fit(world).neighbors(3)
    assert items[0].tolist() == [1, 2, -1]
    assert scores[0, :2].tolist() == [2, 1]


def test_the_table_too_asks_only_the_newest_sessions_of_an_item():
    world = orders((1, [0, 1]), (2, [0, 2]), (3, [0, 3]))
    items, _ = SessionKNN(**PLAIN, sample=2).fit(world).neighbors(3)
    assert items[0].tolist() == [2, 3, -1]


def test_many_likenesses_are_worked_out_in_parts(monkeypatch):
    world = ordered()
    whole = SessionKNN(sample=40, neighbors=20).fit(world).tables()
    monkeypatch.setattr(module, "_LIKENESSES", 300)
    assert_same_tables(SessionKNN(sample=40, neighbors=20).fit(world).tables(), whole)


def test_the_order_of_rows_changes_no_bit():
    world = ordered()
    mixed = world.take(np.random.default_rng(3).permutation(len(world)))
    assert_same_tables(SessionKNN().fit(mixed).tables(), SessionKNN().fit(world).tables())


def test_lists_hold_new_items_and_known_ones():
    tables = SessionKNN(list_length=4).fit(ordered()).tables()
    assert np.diff(tables.visitors.indptr).max() == 8


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        SessionKNN(memory_budget_mb=0.01).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"neighbors": 0}, "neighbors"),
        ({"sample": 0}, "sample"),
        ({"gap_minutes": 0}, "gap_minutes"),
        ({"memory": 0}, "memory"),
        ({"memory": 2}, "memory"),
        ({"decay_days": 0}, "decay_days"),
        ({"damping": -1}, "damping"),
        ({"idf": 1}, "idf"),
        ({"table_neighbors": 0}, "table_neighbors"),
        ({"list_length": 0}, "list_length"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        SessionKNN(**options)
    assert refusal.value.field == field
