import math
import tracemalloc

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.kernels.item_kernel import top_sources
from personalization.engine.kernels.item_tables import packed_bytes
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import pack_rows
from personalization.testing import checkerboard, make_interactions
from tests.engine.recommenders.data import DAY, random_interactions, rated


def similarity(fitted, target: int, source: int) -> float:
    items, scores = fitted.neighbors(fitted.history.shape[1])
    found = np.flatnonzero(items[target] == source)
    return float(scores[target, found[0]]) if len(found) else 0.0


def test_cosine_of_a_small_shop_by_hand():
    # a: visitors 0 1 2 · b: visitors 0 1 · c: visitor 2
    pairs = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 2)]
    fitted = ItemKNN().fit(make_interactions(pairs, n_visitors=3, n_items=3))
    assert similarity(fitted, 0, 1) == pytest.approx(2 / math.sqrt(3 * 2))
    assert similarity(fitted, 0, 2) == pytest.approx(1 / math.sqrt(3))
    assert similarity(fitted, 1, 2) == 0


def test_the_textbook_case():
    # two items, rated (1, 2, 3) and (2, 3, 1) by the same three visitors: (2 + 6 + 3) / (√14 · √14)
    fitted = ItemKNN(binary=False).fit(rated([[1, 2], [2, 3], [3, 1]]))
    assert similarity(fitted, 0, 1) == pytest.approx(11 / 14)
    assert round(similarity(fitted, 0, 1), 3) == 0.786


def test_score_is_the_sum_over_the_history():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (2, 2)]
    items, scores = ItemKNN().fit(make_interactions(pairs, n_visitors=3, n_items=3)).recommend(0, count=3)
    assert items.tolist() == [2, -1, -1]
    assert scores[0] == pytest.approx(0.5 + 0.5)


def test_the_same_as_a_dense_cosine_with_truncation_by_target():
    interactions = random_interactions()
    dense = np.zeros((300, 200))
    dense[interactions.visitors, interactions.items] = 1
    cosine = dense.T @ dense / np.maximum(np.outer(*[np.linalg.norm(dense, axis=0)] * 2), 1e-12)
    np.fill_diagonal(cosine, 0)
    items, scores = ItemKNN(neighbors=7).fit(interactions).neighbors(7)
    for target in range(200):
        expected = np.sort(cosine[target])[::-1][:7]
        assert np.allclose(np.nan_to_num(scores[target]), expected, atol=1e-6)
        kept = items[target] >= 0
        assert np.allclose(cosine[target, items[target][kept]], scores[target][kept], atol=1e-6)


def test_ties_go_to_the_lower_row():
    pairs = [(0, item) for item in range(6)]
    items, _ = ItemKNN(neighbors=3).fit(make_interactions(pairs, n_visitors=1, n_items=6)).neighbors(3)
    assert items.tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2], [0, 1, 2]]


def test_each_target_keeps_its_sources_however_popular_they_are():
    # every target's nearest source is item 0: stored by source, its row is longer than K
    pairs = [(visitor, 0) for visitor in range(8)] + [(visitor, visitor + 1) for visitor in range(8)]
    tables = ItemKNN(neighbors=1).fit(make_interactions(pairs, n_visitors=8, n_items=9)).tables()
    assert np.diff(tables.neighbors.indptr).max() == 1
    assert len(tables.weights.row(0)[0]) == 8


def test_weights_are_the_neighbors_turned_round_and_sorted():
    tables = ItemKNN(neighbors=5).fit(random_interactions()).tables()
    by_target = {
        (target, source, value)
        for target in range(200)
        for source, value in zip(*map(np.ndarray.tolist, tables.neighbors.row(target)), strict=True)
    }
    by_source = [
        (source, *entry)
        for source in range(200)
        for entry in zip(*map(np.ndarray.tolist, tables.weights.row(source)), strict=True)
    ]
    assert {(target, source, value) for source, target, value in by_source} == by_target
    assert by_source == sorted(by_source, key=lambda entry: (entry[0], -entry[2], entry[1]))


def test_a_small_budget_gives_the_same_table_in_more_chunks():
    matrix = pair_matrix(random_interactions())
    ample = top_sources(matrix, neighbors=10, budget=1 << 30)
    with pytest.raises(InvalidInputError, match="memory_budget_mb: these interactions need at least 1 MB"):
        top_sources(matrix, neighbors=10, budget=1000)
    tight = top_sources(matrix, neighbors=10, budget=64 * matrix.nnz + 16 * 200 * 10 + 4_000 + 80 * 200)
    assert np.array_equal(ample.indices, tight.indices)
    assert np.array_equal(ample.values, tight.values)


def test_the_kernel_stays_within_its_budget():
    interactions = random_interactions(n_visitors=2_000, n_items=2_500, n=60_000)
    matrix = pair_matrix(interactions)
    budget = 12 << 20
    dense = 2_500 * 2_500 * 12
    assert dense > 3 * budget  # or chunks would prove nothing
    tracemalloc.start()
    try:
        top_sources(matrix, neighbors=20, budget=budget)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < budget


def test_too_small_a_budget_says_how_much_is_needed():
    with pytest.raises(InvalidInputError, match="need at least") as refusal:
        ItemKNN(memory_budget_mb=0.01).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


def test_sizes_are_told_before_anything_is_built():
    knn = ItemKNN(neighbors=20)
    tables = knn.fit(random_interactions()).tables()
    packed = [len(payload) for table in (tables.neighbors, tables.weights) for _, payload in pack_rows(table)]
    assert sum(packed) <= knn.table_bytes(200) == packed_bytes(200, 20) == 2 * 200 * (12 + 6 * 20)
    assert packed_bytes(1, 50) == 24
    assert packed_bytes(0, 50) == 0


def test_damping_makes_visitors_with_much_say_less():
    big = [(0, item) for item in range(20)]
    small = [(1, 0), (1, 20)]
    interactions = make_interactions(big + small, n_visitors=2, n_items=21)
    plain, damped = ItemKNN().fit(interactions), ItemKNN(damping=0.5).fit(interactions)
    assert similarity(plain, 0, 1) == similarity(plain, 0, 20)
    assert similarity(damped, 0, 20) > similarity(damped, 0, 1)
    # by hand: what both have counts 1/20 and 1/2; the norms are those of the undamped columns
    assert similarity(damped, 0, 20) == pytest.approx((1 / 2) / math.sqrt(2 * 1))
    assert similarity(damped, 0, 1) == pytest.approx((1 / 20) / math.sqrt(2 * 1))
    assert similarity(damped, 1, 2) == pytest.approx(1 / 20)  # only visitor 0 has them, who says little


def test_damping_and_shrinkage_go_together():
    interactions = make_interactions([(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)], n_visitors=2, n_items=3)
    fitted = ItemKNN(damping=0.5, shrinkage=2.0).fit(interactions)
    assert similarity(fitted, 0, 1) == pytest.approx((1 / 2 + 1 / 3) / (2 + 2))
    assert similarity(fitted, 0, 2) == pytest.approx((1 / 3) / (math.sqrt(2) + 2))


def test_decay_makes_old_pairs_say_less():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 2)]
    interactions = make_interactions(pairs, n_visitors=2, n_items=3, times=[0, 0, 100 * DAY, 100 * DAY])
    fitted = ItemKNN(decay_days=50.0).fit(interactions)
    old, new = math.exp(-2), 1.0
    assert similarity(fitted, 0, 2) == pytest.approx(new / math.hypot(old, new))
    assert similarity(fitted, 0, 1) == pytest.approx(old / math.hypot(old, new))


def test_pairs_older_than_any_float_do_no_harm():
    pairs = [(0, 0), (0, 1), (1, 2)]
    interactions = make_interactions(pairs, n_visitors=2, n_items=3, times=[0, 0, 10_000 * DAY])
    items, _ = ItemKNN(decay_days=1.0).fit(interactions).recommend(0, count=1, exclude_seen=False)
    assert items.tolist() == [-1]


def test_binary_ignores_weights_and_repeats():
    interactions = random_interactions()
    doubled = Interactions(
        np.tile(interactions.visitors, 2),
        np.tile(interactions.items, 2),
        np.full(12_000, 9, np.float32),
        300,
        200,
    )
    one, two = ItemKNN().fit(interactions).tables(), ItemKNN().fit(doubled).tables()
    assert np.array_equal(one.neighbors.values, two.neighbors.values)


def test_not_binary_adds_weights_up():
    twice = make_interactions([(0, 0), (0, 0), (0, 1), (1, 0)], n_visitors=2, n_items=2)
    fitted = ItemKNN(binary=False).fit(twice)
    assert similarity(fitted, 0, 1) == pytest.approx(2 / math.sqrt(5))


def test_large_catalogs_are_scored_in_several_chunks():
    wide = random_interactions(n_visitors=50, n_items=200_000, n=400)
    fitted = ItemKNN().fit(wide)
    items, _ = fitted.recommend(np.arange(50, dtype=np.int32), count=3)
    assert np.array_equal(items[41], fitted.recommend(41, count=3)[0])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"similarity": "euclid"}, "similarity"),
        ({"similarity": ["cosine"]}, "similarity"),
        ({"weighting": "idf"}, "weighting"),
        ({"shrinkage": -1.0}, "shrinkage"),
        ({"similarity": "pearson"}, "binary"),
        ({"similarity": "pearson", "binary": False, "weighting": "bm25"}, "weighting"),
        ({"similarity": "adjusted-cosine", "binary": False, "damping": 0.5}, "damping"),
        ({"similarity": "jaccard", "binary": False}, "binary"),
        ({"similarity": "lift", "decay_days": 30.0}, "decay_days"),
        ({"similarity": "log-likelihood", "shrinkage": 3.0}, "shrinkage"),
        ({"similarity": "dot", "shrinkage": 3.0}, "shrinkage"),
        ({"min_together": 2}, "min_together"),
        ({"similarity": "dot", "min_together": 1}, "min_together"),
        ({"similarity": "lift", "min_together": 0}, "min_together"),
        ({"neighbors": 0}, "neighbors"),
        ({"neighbors": 2.5}, "neighbors"),
        ({"neighbors": True}, "neighbors"),
        ({"neighbors": "50"}, "neighbors"),
        ({"damping": -0.1}, "damping"),
        ({"damping": math.nan}, "damping"),
        ({"binary": 1}, "binary"),
        ({"decay_days": 0}, "decay_days"),
        ({"decay_days": math.inf}, "decay_days"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        ItemKNN(**options)
    assert refusal.value.field == field


def test_a_checkerboard_never_mixes_colors():
    items, _ = ItemKNN().fit(checkerboard()).neighbors(9)
    for item, neighbors in enumerate(items):
        assert {int(other) % 2 for other in neighbors if other >= 0} == {item % 2}
