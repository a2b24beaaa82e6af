"""GraphFilter and PureSVD: tables made from singular vectors."""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels import dense_table
from personalization.engine.kernels.spectrum import right_vectors
from personalization.engine.recommenders.graph_filter import GraphFilter
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.pure_svd import PureSVD
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, dense, random_interactions, shuffled


def right(matrix, factors):
    """V Vᵀ of the largest singular values, by a dense decomposition."""
    vectors = np.linalg.svd(matrix)[2][:factors]
    return vectors.T @ vectors


def naive_filter(table, *, factors, strength, visitor_power=0.5, item_power=0.5):
    """The weights of GF-CF straight from the paper, with any powers: float64 (source, target)."""
    visitors, items = table.sum(axis=1), table.sum(axis=0)
    normal = table / np.outer(visitors**visitor_power, items**item_power)
    normal /= np.linalg.norm(normal, 2)  # which is 1 where both powers are ½
    smooth = np.diag(items**-item_power) @ right(normal, factors) @ np.diag(items**item_power)
    return normal.T @ normal + strength * smooth


def assert_rows(fitted, expected, count):
    """Each target's largest positive sources are those of the dense (source, target) weights."""
    np.fill_diagonal(expected, -1.0)
    items, scores = fitted.neighbors(count)
    for target, of_target in enumerate(expected.T):
        kept = items[target] >= 0
        largest = np.sort(of_target)[::-1][:count]
        assert kept.sum() == (largest > 0).sum()
        assert np.allclose(scores[target][kept], largest[largest > 0], atol=1e-5)
        assert np.allclose(of_target[items[target][kept]], scores[target][kept], atol=1e-5)


@pytest.fixture
def interactions():
    found = random_interactions(n_visitors=80, n_items=12, n=900)
    assert dense(found).any(axis=0).all()
    assert dense(found).any(axis=1).all()
    return found


@pytest.mark.parametrize(("factors", "strength"), [(4, 0.3), (7, 2.0), (3, 0.0)])
def test_the_filter_is_that_of_the_paper(interactions, factors, strength):
    fitted = GraphFilter(factors=factors, strength=strength, neighbors=6).fit(interactions)
    assert_rows(fitted, naive_filter(dense(interactions), factors=factors, strength=strength), 6)


def test_powers_of_a_half_need_no_scale(interactions):
    table = dense(interactions)
    assert np.linalg.norm(
        table / np.sqrt(np.outer(table.sum(axis=1), table.sum(axis=0))), 2
    ) == pytest.approx(1)


@pytest.mark.parametrize(("visitor_power", "item_power"), [(0.3, 0.4), (0.0, 0.0), (1.0, 0.5), (0.5, 2.0)])
def test_powers_say_how_much_active_visitors_and_popular_items_count(interactions, visitor_power, item_power):
    options = {"factors": 4, "strength": 0.5, "visitor_power": visitor_power, "item_power": item_power}
    fitted = GraphFilter(**options, neighbors=6).fit(interactions)
    assert_rows(fitted, naive_filter(dense(interactions), **options), 6)


def test_what_nobody_has_is_nobodys_neighbor_whatever_the_powers(interactions):
    more = replace(interactions, n_items=interactions.n_items + 1, n_visitors=interactions.n_visitors + 1)
    for power in (0.0, 0.4, 1.0):
        fitted = GraphFilter(factors=4, visitor_power=power, item_power=power).fit(more)
        items, scores = fitted.neighbors(100)
        assert (items[-1] < 0).all()
        assert not (items == more.n_items - 1).any()
        assert np.isfinite(scores[items >= 0]).all()


def test_newcomers_get_what_sells_now(interactions):
    rising = replace(
        interactions,
        times=np.where(interactions.items == 7, 400, interactions.items).astype(np.int64) * DAY,
        n_visitors=interactions.n_visitors + 1,
    )
    newcomer = interactions.n_visitors
    assert GraphFilter(factors=4).fit(rising).recommend(newcomer, count=1)[0].tolist() == [7]
    everybody = GraphFilter(factors=4, prior_decay_days=None).fit(rising).recommend(newcomer, count=1)[0]
    assert everybody.tolist() == [int(np.argmax(dense(interactions).astype(bool).sum(axis=0)))]


def naive_pool(weights, count, least):
    """(source, target) weights of which as many are left as each target has on average, some of each among them."""
    kept = (np.argsort(-weights, axis=0, kind="stable").argsort(axis=0) < least) & (weights > 0)
    others = np.sort(weights[~kept])[::-1][: count * len(weights) - kept.sum()]
    return np.where((kept | (weights >= others[-1])) & (weights > 0), weights, 0)


@pytest.mark.parametrize("rows", [1, 7, 256])
def test_the_weights_of_all_targets_are_cut_at_one_value_whatever_the_blocks(rows, monkeypatch):
    monkeypatch.setattr(dense_table, "_BLOCK", rows)
    given = random_interactions(n_visitors=300, n_items=60, n=9000)
    fitted = GraphFilter(factors=44, neighbors=25, pooled=True).fit(given)
    expected = naive_filter(dense(given), factors=44, strength=0.3)
    np.fill_diagonal(expected, 0)
    expected = naive_pool(expected, 25, 20)
    assert np.allclose(dense_rows(fitted.tables().weights), expected, atol=1e-5)
    assert (expected > 0).sum(axis=0).max() > 25 > (expected > 0).sum(axis=0).min() >= 20


def dense_rows(table):
    found = np.zeros((len(table), len(table)))
    found[np.repeat(np.arange(len(table)), np.diff(table.indptr)), table.indices] = table.values
    return found


@pytest.mark.parametrize(("pooled", "asked"), [(False, 19), (True, 35)])
def test_it_learns_within_the_memory_that_it_asks_for(pooled, asked):
    given = random_interactions(n_visitors=3_000, n_items=2_000, n=40_000)
    with pytest.raises(InvalidInputError):
        GraphFilter(factors=100, pooled=pooled, memory_budget_mb=0.9 * asked).fit(given)
    recommender = GraphFilter(factors=100, pooled=pooled, memory_budget_mb=asked)
    tracemalloc.start()
    try:
        recommender.fit(given)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < asked << 20


@pytest.mark.parametrize("factors", [1, 5])
def test_the_projection_is_that_of_a_dense_decomposition(interactions, factors):
    fitted = PureSVD(factors=factors, neighbors=6).fit(interactions)
    assert_rows(fitted, right(dense(interactions), factors), 6)


def test_values_and_their_age_count(interactions):
    fitted = PureSVD(factors=4, neighbors=6, binary=False, decay_days=30.0).fit(interactions)
    weighed = pair_matrix(interactions, binary=False, decay_days=30.0).toarray()
    assert_rows(fitted, right(weighed, 4), 6)


def test_large_matrices_are_decomposed_closely_enough():
    matrix = pair_matrix(random_interactions(n_visitors=300, n_items=200, n=9_000))
    vectors = right_vectors(matrix, 3)
    values = np.linalg.svd(matrix.toarray(), compute_uv=False)[:3]
    assert np.allclose(np.linalg.norm(matrix @ vectors, axis=0), values, rtol=1e-3)
    assert np.allclose(vectors.T @ vectors, np.eye(3), atol=1e-5)


def test_the_main_direction_by_hand():
    # items 0 and 1 are always taken together, by three; item 2 stands alone: V = (1, 1, 0) / √2
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 2)]
    table = PureSVD(factors=1).fit(make_interactions(pairs, n_visitors=4, n_items=3)).tables().weights
    assert table.row(0)[0].tolist() == [1]
    assert table.row(0)[1].tolist() == pytest.approx([0.5])
    assert table.row(2)[0].tolist() == []


def test_pairs_older_than_any_float_do_no_harm():
    pairs = [(0, 0), (0, 1), (1, 2), (1, 3)]
    times = [0, 0, 10_000 * DAY, 10_000 * DAY]
    interactions = make_interactions(pairs, n_visitors=2, n_items=4, times=times)
    for recommender in (GraphFilter(decay_days=1.0), PureSVD(decay_days=1.0)):
        weights = recommender.fit(interactions).tables().weights
        assert weights.row(0)[0].tolist() == []
        assert weights.row(2)[0].tolist() == [3]


@pytest.mark.parametrize(
    "recommender", [GraphFilter(factors=20, neighbors=8), PureSVD(factors=20, neighbors=8)]
)
def test_the_order_of_rows_changes_no_bit(recommender):
    given = random_interactions(n_visitors=400, n_items=600)
    assert_same_tables(recommender.fit(given).tables(), recommender.fit(shuffled(given)).tables())


@pytest.mark.parametrize("recommender", [GraphFilter(neighbors=12), PureSVD(neighbors=12)])
def test_sizes_are_told_before_anything_is_built(recommender):
    tables = recommender.fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= recommender.table_bytes(200)


@pytest.mark.parametrize("recommender", [GraphFilter(memory_budget_mb=0.5), PureSVD(memory_budget_mb=0.5)])
def test_too_small_a_budget_is_refused(recommender):
    with pytest.raises(InvalidInputError, match="need about") as refusal:
        recommender.fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("make", "options", "field"),
    [
        (GraphFilter, {"factors": 0}, "factors"),
        (GraphFilter, {"strength": math.nan}, "strength"),
        (GraphFilter, {"visitor_power": -0.1}, "visitor_power"),
        (GraphFilter, {"item_power": math.inf}, "item_power"),
        (GraphFilter, {"neighbors": 1.5}, "neighbors"),
        (GraphFilter, {"decay_days": -1}, "decay_days"),
        (GraphFilter, {"memory_budget_mb": 0}, "memory_budget_mb"),
        (PureSVD, {"factors": True}, "factors"),
        (PureSVD, {"neighbors": 0}, "neighbors"),
        (PureSVD, {"binary": "yes"}, "binary"),
        (PureSVD, {"decay_days": 0}, "decay_days"),
        (PureSVD, {"memory_budget_mb": None}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(make, options, field):
    with pytest.raises(InvalidInputError) as refusal:
        make(**options)
    assert refusal.value.field == field
