"""BPR: order, where only one order is right."""

import math

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.bpr import BPR
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import random_interactions, shuffled


def order_of(factors, pairs):
    """How often what a visitor has stands before what it does not have, but somebody else: the AUC of training."""
    scores, has = factors[0] @ factors[1].T, pairs.toarray() > 0
    taken = has.any(axis=0)
    wins = [
        (scores[row][has[row]][:, None] > scores[row][~has[row] & taken]).mean()
        for row in range(len(has))
        if has[row].any() and (~has[row] & taken).any()
    ]
    return np.mean(wins)


@pytest.fixture
def pairs():
    return pair_matrix(random_interactions(n_visitors=80, n_items=40, n=900))


def test_what_a_visitor_has_comes_first(pairs):
    untrained = order_of(BPR(factors=8, epochs=1, learning_rate=1e-9).factorize(pairs), pairs)
    assert untrained == pytest.approx(0.5, abs=0.1)
    assert order_of(BPR(factors=8, epochs=60, regularization=0.01).factorize(pairs), pairs) > 0.95


def test_a_bias_is_all_that_popularity_needs():
    # item i is taken by the visitors 0 … 3 (10 - i): the only order that all share is that of popularity
    taken = [(visitor, item) for item in range(10) for visitor in range(3 * (10 - item))]
    pairs = pair_matrix(make_interactions(taken, n_visitors=40, n_items=10))
    _, items = BPR(factors=1, regularization=0.1, epochs=300).factorize(pairs)
    assert np.argsort(-items[:, -1]).tolist() == list(range(10))


def test_two_tastes_are_told_apart():
    given = [(v, i) for v in range(20) for i in range(16) if (v + i) % 2 == 0 and i != (7 * v) % 16]
    fitted = BPR(factors=4).fit(make_interactions(given, n_visitors=20, n_items=16))
    hidden = [(v, (7 * v) % 16) for v in range(20) if (v + 7 * v) % 2 == 0]
    items, _ = fitted.recommend(np.array([v for v, _ in hidden], np.int32), count=1)
    assert items[:, 0].tolist() == [i for _, i in hidden]
    neighbors, _ = fitted.neighbors(3)
    assert ((neighbors % 2) == (np.arange(16) % 2)[:, None]).all()


def test_lists_are_ordered_by_the_products(pairs):
    recommender = BPR(factors=4, epochs=20)
    visitors, items = recommender.factorize(pairs)
    fitted = recommender.fit(random_interactions(n_visitors=80, n_items=40, n=900))
    scores = np.where(pairs.toarray().any(axis=0), visitors @ items.T, -np.inf)
    listed, values = fitted.recommend(np.arange(80, dtype=np.int32), count=5, exclude_seen=False)
    active = np.diff(pairs.indptr) > 0
    best = -np.sort(-scores, axis=1)[:, :5]
    least = np.where(np.isinf(scores), np.inf, scores).min(axis=1, keepdims=True)
    assert np.allclose(values[active], (best - least)[active], atol=1e-4)
    assert np.allclose(np.take_along_axis(scores, listed, axis=1)[active], best[active], atol=1e-4)


def test_what_nobody_has_is_never_listed():
    fitted = BPR(factors=2, epochs=5).fit(
        make_interactions([(0, 0), (1, 1), (1, 0)], n_visitors=3, n_items=4)
    )
    items, _ = fitted.recommend(np.arange(3, dtype=np.int32), count=4, exclude_seen=False)
    assert set(items.ravel().tolist()) == {-1, 0, 1}
    assert fitted.tables().visitors.row(2)[0].tolist() == []
    assert items[2].tolist() == [0, 1, -1, -1]  # who has nothing gets what is popular


def test_the_step_follows_the_gradient(pairs):
    recommender, rng = BPR(factors=3, regularization=0.2), np.random.default_rng(3)
    visitors, items = (rng.standard_normal((size, 4)).astype(np.float32) for size in pairs.shape)
    rows, first, second = (np.array(part) for part in ([3, 3, 5], [1, 2, 1], [7, 1, 9]))

    def gain(left, right):
        margins = (left[rows] * (right[first] - right[second])).sum(axis=1)
        kept = (left[rows] ** 2).sum() + (right[first] ** 2).sum() + (right[second] ** 2).sum()
        return np.log(1 / (1 + np.exp(-margins))).sum() - 0.1 * kept

    left, right = recommender._gradients(visitors, items, rows, first, second)
    exact = visitors.astype(float), items.astype(float)
    for row, column in ((3, 0), (5, 2), (4, 1)):
        step = np.zeros_like(exact[0])
        step[row, column] = 1e-5
        slope = (gain(exact[0] + step, exact[1]) - gain(exact[0] - step, exact[1])) / 2e-5
        assert left[row, column] == pytest.approx(slope, abs=1e-4)
    for row, column in ((1, 0), (2, 3), (7, 1), (9, 2), (0, 0)):
        step = np.zeros_like(exact[1])
        step[row, column] = 1e-5
        slope = (gain(exact[0], exact[1] + step) - gain(exact[0], exact[1] - step)) / 2e-5
        assert right[row, column] == pytest.approx(slope, abs=1e-4)


def test_the_order_of_rows_changes_no_bit():
    given = random_interactions(n_visitors=80, n_items=40, n=900)
    recommender = BPR(factors=4, epochs=10)
    assert_same_tables(recommender.fit(given).tables(), recommender.fit(shuffled(given)).tables())


def test_another_seed_draws_otherwise(pairs):
    first, again, other = (BPR(factors=4, epochs=2, seed=seed).factorize(pairs)[1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_sizes_are_told_before_anything_is_built():
    recommender = BPR(factors=4, epochs=2, neighbors=12)
    tables = recommender.fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= recommender.table_bytes(200)


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError, match="need about") as refusal:
        BPR(memory_budget_mb=1).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"factors": 0}, "factors"),
        ({"epochs": 0.5}, "epochs"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"regularization": math.nan}, "regularization"),
        ({"neighbors": 0}, "neighbors"),
        ({"list_length": 0}, "list_length"),
        ({"seed": -1}, "seed"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        BPR(**options)
    assert refusal.value.field == field
