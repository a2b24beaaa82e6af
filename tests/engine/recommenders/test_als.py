"""ImplicitALS: what the equations say, by construction and by dense algebra."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels import compiled
from personalization.engine.kernels.least_squares import solve_rows
from personalization.engine.recommenders.als import ImplicitALS
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import dense, random_interactions, shuffled


@pytest.fixture
def interactions():
    return random_interactions(n_visitors=60, n_items=25, n=900)


def exact(values, fixed, penalties, alpha):
    """Each row's factors by a dense solution: float64 (m, f)."""
    solved = np.zeros((len(values), fixed.shape[1]))
    for row, value in enumerate(values):
        confidence = 1 + alpha * value
        equations = (fixed * confidence[:, None]).T @ fixed + penalties[row] * np.eye(fixed.shape[1])
        solved[row] = np.linalg.solve(equations, fixed.T @ (confidence * (value > 0)))
    return solved


def loss(table, visitors, items, *, alpha, regularization):
    confidence = 1 + alpha * table
    errors = confidence * ((table > 0) - visitors @ items.T) ** 2
    return errors.sum() + regularization * ((visitors**2).sum() + (items**2).sum())


def test_a_sweep_solves_the_equations_of_every_row():
    values = dense(random_interactions(n_visitors=30, n_items=20, n=120)) * 0.7
    assert (values.sum(axis=1) == 0).sum() == 0
    values[4] = 0
    fixed = np.random.default_rng(2).standard_normal((20, 5)).astype(np.float32)
    penalties = np.linspace(0.5, 3, 30).astype(np.float32)
    solved = np.ones((30, 5), np.float32)
    extra = csr_array((2.0 * values).astype(np.float32))
    solve_rows(extra, 1 + extra.data, fixed, fixed.T @ fixed, penalties, solved, steps=8)
    assert np.allclose(solved, exact(values, fixed.astype(float), penalties, 2.0), atol=1e-4)
    assert not solved[4].any()


def test_rows_beyond_one_block_are_solved_too(monkeypatch):
    monkeypatch.setattr(compiled, "WORTH_SWEEP", 1 << 62)
    monkeypatch.setattr("personalization.engine.kernels.least_squares._BLOCK", 50)
    values = dense(random_interactions(n_visitors=70, n_items=20, n=900))
    fixed = np.random.default_rng(2).standard_normal((20, 4)).astype(np.float32)
    solved = np.zeros((70, 4), np.float32)
    penalties = np.ones(70, np.float32)
    extra = csr_array(values.astype(np.float32))
    solve_rows(extra, 1 + extra.data, fixed, fixed.T @ fixed, penalties, solved, steps=8)
    assert np.allclose(solved, exact(values, fixed.astype(float), penalties, 1.0), atol=1e-4)


def test_a_table_of_one_taste_is_recovered():
    # the first ten have the first six items, nobody has anything else: with x_u · y_i = s on the block, the loss is
    # 60 · 4 (1 - s)² + λ · 2 √60 s, least at s = 1 - λ √60 / 240
    pairs = [(visitor, item) for visitor in range(10) for item in range(6)]
    recommender = ImplicitALS(factors=2, iterations=100, alpha=3.0, regularization=2.0)
    visitors, items = recommender.factorize(pair_matrix(make_interactions(pairs, n_visitors=20, n_items=12)))
    found = visitors @ items.T
    assert np.allclose(found[:10, :6], 1 - 2 * math.sqrt(60) / 240, atol=1e-4)
    assert np.allclose(found[10:], 0, atol=1e-6)
    assert np.allclose(found[:, 6:], 0, atol=1e-6)


def test_more_iterations_fit_better(interactions):
    table = dense(interactions)
    losses = [
        loss(
            table,
            *ImplicitALS(factors=4, iterations=n, alpha=2.0, regularization=1.0).factorize(
                pair_matrix(interactions)
            ),
            alpha=2.0,
            regularization=1.0,
        )
        for n in (1, 2, 5, 40)
    ]
    assert losses == sorted(losses, reverse=True)
    nothing = loss(table, np.zeros((60, 4)), np.zeros((25, 4)), alpha=2.0, regularization=1.0)
    assert losses[-1] < 0.8 * nothing


def test_what_has_been_found_is_where_no_side_can_be_improved(interactions):
    recommender = ImplicitALS(factors=3, iterations=300, alpha=2.0, regularization=2.0)
    visitors, items = recommender.factorize(pair_matrix(interactions))
    table, penalties = dense(interactions), np.full(60, 2.0)
    assert np.allclose(visitors, exact(table, items.astype(float), penalties, 2.0), atol=1e-3)
    assert np.allclose(items, exact(table.T, visitors.astype(float), penalties, 2.0), atol=1e-3)


@pytest.mark.parametrize("scaling", [0.0, 1.0])
def test_folding_a_history_in_gives_the_factors_of_training(interactions, scaling):
    fitted = ImplicitALS(factors=6, regularization=2.0, scaling=scaling, binary=False).fit(interactions)
    for visitor in (0, 17, 59):
        row = fitted.history[[visitor]]
        folded = fitted.fold_in(row.indices, row.data)
        assert np.allclose(folded, fitted.visitor_factors[visitor], atol=2e-4)
        assert np.allclose(fitted.score(folded), fitted.score(fitted.visitor_factors)[visitor], atol=2e-4)


def test_a_new_visitor_is_offered_what_the_equations_say(interactions):
    fitted = ImplicitALS(factors=6, alpha=3.0, regularization=2.0).fit(interactions)
    history = np.zeros(25)
    history[[3, 8, 9]] = 1
    expected = exact(history[None], fitted.item_factors.astype(float), [2.0], 3.0)[0]
    assert np.allclose(fitted.fold_in(np.array([3, 8, 9])), expected, atol=1e-5)


def test_the_item_table_answers_a_history_of_one_item_exactly(interactions):
    fitted = ImplicitALS(factors=6, alpha=3.0, regularization=2.0).fit(interactions)
    for item in range(25):
        expected = fitted.score(fitted.fold_in(np.array([item])))
        targets, values = fitted.tables().weights.row(item)
        assert np.allclose(values, expected[targets], atol=1e-5)
        expected[item] = 0
        assert set(np.flatnonzero(expected > 1e-6)) <= set(targets.tolist())


def test_lists_hold_the_products_of_the_factors(interactions):
    fitted = ImplicitALS(factors=6).fit(interactions)
    scores = fitted.visitor_factors @ fitted.item_factors.T
    items, found = fitted.recommend(np.arange(60, dtype=np.int32), count=3, exclude_seen=False)
    assert np.allclose(found, -np.sort(-scores, axis=1)[:, :3], atol=1e-5)
    assert np.allclose(np.take_along_axis(scores, items, axis=1), found, atol=1e-5)


def test_lists_end_with_the_length_that_was_asked_for(interactions):
    listed = ImplicitALS(list_length=2).fit(interactions).tables().visitors
    assert np.diff(listed.indptr).max() == 4  # two new ones, two known ones


def test_neighbors_are_those_of_the_same_direction(interactions):
    fitted = ImplicitALS(factors=6, regularization=1.0, neighbors=4).fit(interactions)
    lengths = np.linalg.norm(fitted.item_factors, axis=1, keepdims=True)
    unit = fitted.item_factors / np.maximum(lengths, 1e-9)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1)
    items, scores = fitted.neighbors(4)
    best = -np.sort(-cosines, axis=1)[:, :4]
    kept = items >= 0
    assert kept.mean() > 0.8
    assert np.array_equal(kept, best > 0)
    assert np.allclose(scores[kept], best[kept], atol=1e-5)
    assert np.allclose(np.take_along_axis(cosines, items, axis=1)[kept], scores[kept], atol=1e-5)


def test_what_was_bought_often_is_surer():
    pairs = [(0, 0), (0, 0), (0, 0), (1, 0), (0, 1), (1, 1)]
    given = make_interactions(pairs, n_visitors=2, n_items=2)
    weighed = ImplicitALS(factors=1, regularization=1.0, binary=False).fit(given)
    scores = weighed.score(weighed.visitor_factors)
    assert scores[0, 0] > scores[0, 1]
    alike = ImplicitALS(factors=1, regularization=1.0).fit(given)
    assert np.allclose(alike.score(alike.visitor_factors), alike.score(alike.visitor_factors)[0, 0])


def test_regularization_grows_with_what_chance_makes():
    pairs = pair_matrix(random_interactions(n_visitors=60, n_items=25, n=900))
    chosen = ImplicitALS(alpha=2.0).regularization_for(pairs)
    assert chosen == pytest.approx(0.65 * 3 * (math.sqrt(pairs.nnz / 60) + math.sqrt(pairs.nnz / 25)))
    by_default, by_hand = (
        ImplicitALS(alpha=2.0, factors=4, regularization=given).factorize(pairs)[1]
        for given in (None, chosen)
    )
    assert np.array_equal(by_default, by_hand)
    assert ImplicitALS(regularization=7.0).regularization_for(pairs) == 7.0


def test_another_seed_begins_elsewhere(interactions):
    first, again, other = (
        ImplicitALS(factors=4, iterations=1, seed=seed).fit(interactions).item_factors for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_the_order_of_rows_changes_no_bit(interactions):
    recommender = ImplicitALS(binary=False, decay_days=30.0)
    assert_same_tables(
        recommender.fit(interactions).tables(), recommender.fit(shuffled(interactions)).tables()
    )


def test_sizes_are_told_before_anything_is_built():
    recommender = ImplicitALS(neighbors=12)
    tables = recommender.fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= recommender.table_bytes(200)


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError, match="need about") as refusal:
        ImplicitALS(memory_budget_mb=1).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("items", "values", "field"),
    [
        ([25], None, "items"),
        ([-1], None, "items"),
        ([0.5], None, "items"),
        ([[1]], None, "items"),
        ([3, 3], None, "items"),
        ([3], [math.nan], "values"),
        ([3], [-1.0], "values"),
        ([3], [1.0, 2.0], "values"),
    ],
)
def test_a_history_that_is_none_is_refused_by_name(interactions, items, values, field):
    fitted = ImplicitALS(factors=2).fit(interactions)
    with pytest.raises(InvalidInputError) as refusal:
        fitted.fold_in(np.array(items), None if values is None else np.array(values))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"factors": 0}, "factors"),
        ({"iterations": 1.5}, "iterations"),
        ({"regularization": 0}, "regularization"),
        ({"alpha": math.inf}, "alpha"),
        ({"scaling": -1}, "scaling"),
        ({"binary": "yes"}, "binary"),
        ({"decay_days": 0}, "decay_days"),
        ({"neighbors": 0}, "neighbors"),
        ({"list_length": 0}, "list_length"),
        ({"seed": -1}, "seed"),
        ({"memory_budget_mb": None}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        ImplicitALS(**options)
    assert refusal.value.field == field
