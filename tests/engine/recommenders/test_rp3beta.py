import math
import tracemalloc

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, dense, random_interactions, shuffled


def naive(table, *, alpha, beta):
    """Walks one visitor at a time: float64 (target, source)."""
    n_items = table.shape[1]
    of_visitor, of_item = table.sum(axis=1), table.sum(axis=0)
    walks = np.zeros((n_items, n_items))
    for row, total in zip(table, of_visitor, strict=True):
        for source in np.flatnonzero(row):
            for target in np.flatnonzero(row):
                walks[target, source] += (row[source] / of_item[source] * row[target] / total) ** alpha
    walks /= np.where(of_item > 0, of_item, 1)[:, None] ** beta
    np.fill_diagonal(walks, 0)
    return walks


def dense_neighbors(fitted, n_items):
    items, scores = fitted.neighbors(n_items)
    table = np.zeros((n_items, n_items))
    targets, places = np.nonzero(items >= 0)
    table[targets, items[targets, places]] = scores[targets, places]
    return table


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.5, 0.5), (0.75, 0.6)])
def test_the_same_as_walking(alpha, beta):
    interactions = random_interactions(n_visitors=60, n_items=25, n=500)
    fitted = RP3beta(alpha=alpha, beta=beta, neighbors=25).fit(interactions)
    assert np.allclose(
        dense_neighbors(fitted, 25), naive(dense(interactions), alpha=alpha, beta=beta), rtol=1e-5
    )


@pytest.mark.parametrize("budget", [512, 1.1])
def test_pooled_weights_are_the_largest_of_all_targets(budget):
    interactions = random_interactions(n_visitors=300, n_items=120, n=3000)
    recommender = RP3beta(neighbors=25, pooled=True, memory_budget_mb=budget)
    tables = recommender.fit(interactions).tables()
    table = naive(dense(interactions), alpha=0.5, beta=0.5)
    sizes = np.bincount(tables.weights.indices, minlength=120)
    assert sizes.sum() == 25 * 120
    assert (sizes >= np.minimum(20, (table > 0).sum(axis=1))).all()
    if budget == 512:
        order = np.argsort(-table.astype(np.float32), axis=1, kind="stable")
        own = (order.argsort(axis=1) < 20) & (table > 0)
        largest = np.sort(table[~own])[own.sum() - 25 * 120 :]
        found = np.zeros((120, 120))
        sources = np.repeat(np.arange(120), np.diff(tables.weights.indptr))
        found[tables.weights.indices, sources] = tables.weights.values
        assert np.allclose(found, np.where(found > 0, table, 0), rtol=1e-5)
        assert np.allclose(np.sort(found[(found > 0) & ~own]), largest, rtol=1e-5)
    alone = RP3beta(neighbors=25).fit(interactions).tables()
    assert np.array_equal(tables.neighbors.indices, alone.neighbors.indices)


def test_pooling_stays_within_the_budget():
    interactions = random_interactions(n_visitors=3_000, n_items=2_000, n=60_000)
    tracemalloc.start()
    try:
        RP3beta(neighbors=200, pooled=True, memory_budget_mb=30).fit(interactions)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30 << 20


def test_a_walk_by_hand():
    # item 0: visitors 0 and 1; visitor 1 has items 0 and 1: from 0 to visitor 1 (1/2), on to 1 (1/2)
    pairs = [(0, 0), (1, 0), (1, 1)]
    fitted = RP3beta(alpha=1.0, beta=0.0).fit(make_interactions(pairs, n_visitors=2, n_items=2))
    assert dense_neighbors(fitted, 2).tolist() == [[0, 0.5], [0.25, 0]]


def test_walks_that_may_go_anywhere_add_up_to_one():
    interactions = random_interactions(n_visitors=60, n_items=12, n=500)
    learned = dense_neighbors(RP3beta(alpha=1.0, beta=0.0, neighbors=12).fit(interactions), 12)
    has = dense(interactions)
    assert has.any(axis=0).all()
    assert has.any(axis=1).all()
    stay = (has / has.sum(axis=0) * (has / has.sum(axis=1, keepdims=True))).sum(axis=0)
    assert np.allclose(learned.sum(axis=0) + stay, 1.0, atol=1e-5)


def test_beta_holds_popular_items_back():
    # item 1 goes with item 0 three times, item 2 once; many others have item 1, too
    pairs = (
        [(v, 0) for v in range(4)] + [(v, 1) for v in range(3)] + [(3, 2)] + [(v, 1) for v in range(4, 40)]
    )
    interactions = make_interactions(pairs, n_visitors=40, n_items=3)
    mild, strict = (RP3beta(beta=beta).fit(interactions).tables().weights for beta in (0.0, 0.9))
    assert mild.row(0)[0].tolist() == [1, 2]
    assert strict.row(0)[0].tolist() == [2, 1]


def test_old_pairs_are_weaker_steps():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 2)]
    interactions = make_interactions(pairs, n_visitors=2, n_items=3, times=[0, 0, 100 * DAY, 100 * DAY])
    walks = dense_neighbors(RP3beta(alpha=1.0, beta=0.0, decay_days=50.0).fit(interactions), 3)
    assert walks[1, 0] / walks[2, 0] == pytest.approx(math.exp(-2))


def test_pairs_older_than_any_float_do_no_harm():
    pairs = [(0, 0), (0, 1), (1, 2)]
    interactions = make_interactions(pairs, n_visitors=2, n_items=3, times=[0, 0, 10_000 * DAY])
    fitted = RP3beta(decay_days=1.0).fit(interactions)
    assert pair_matrix(interactions, decay_days=1.0).data.min() == 0
    assert np.diff(fitted.tables().weights.indptr).tolist() == [0, 0, 0]


def test_the_ranking_is_added_on_request():
    interactions = random_interactions()
    plain, blended = RP3beta().fit(interactions).tables(), RP3beta(prior_share=0.3).fit(interactions).tables()
    assert (plain.prior_share, blended.prior_share) == (0.0, 0.3)
    assert np.array_equal(plain.weights.values, blended.weights.values)


def test_who_has_no_history_gets_what_sells():
    fitted = RP3beta().fit(make_interactions([(0, 1), (1, 1), (1, 0)], n_visitors=3, n_items=3))
    assert fitted.recommend(2, count=3)[0].tolist() == [1, 0, -1]


def test_neither_order_nor_budget_changes_a_bit():
    interactions = random_interactions()
    ample = RP3beta(neighbors=8, decay_days=40.0).fit(interactions).tables()
    assert_same_tables(ample, RP3beta(neighbors=8, decay_days=40.0).fit(shuffled(interactions)).tables())
    tight = RP3beta(neighbors=8, decay_days=40.0, memory_budget_mb=0.45).fit(interactions).tables()
    assert_same_tables(ample, tight)
    with pytest.raises(InvalidInputError, match="memory_budget_mb"):
        RP3beta(memory_budget_mb=0.1).fit(interactions)


def test_sizes_are_told_before_anything_is_built():
    recommender = RP3beta(neighbors=12)
    tables = recommender.fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= recommender.table_bytes(200)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"alpha": 0}, "alpha"),
        ({"beta": -0.1}, "beta"),
        ({"neighbors": 0}, "neighbors"),
        ({"decay_days": 0}, "decay_days"),
        ({"prior_share": math.nan}, "prior_share"),
        ({"prior_decay_days": -1}, "prior_decay_days"),
        ({"memory_budget_mb": "1"}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        RP3beta(**options)
    assert refusal.value.field == field
