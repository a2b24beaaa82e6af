import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.ranking import Scratch, gather, score_history
from personalization.engine.recommenders.content_rows import content_rows
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, dense, random_interactions, shuffled


def naive(table, regularization):
    """The constrained regression of each item on all others, solved one target at a time: float64 (source, target)."""
    n_items = table.shape[1]
    weights = np.zeros((n_items, n_items))
    for target in range(n_items):
        others = np.delete(np.arange(n_items), target)
        known = table[:, others]
        gram = known.T @ known + regularization * np.eye(n_items - 1)
        weights[others, target] = np.linalg.solve(gram, known.T @ table[:, target])
    return weights


def by_source(table, n_items):
    found = np.zeros((n_items, n_items))
    for source in range(n_items):
        columns, values = table.row(source)
        found[source, columns] = values
    return found


@pytest.mark.parametrize("regularization", [1.0, 50.0])
def test_the_full_table_is_the_regression_of_each_item_on_the_others(regularization):
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    tables = EASE(regularization=regularization, neighbors=None).fit(interactions).tables()
    expected = naive(dense(interactions), regularization)
    assert (expected < 0).sum() > 50
    assert np.allclose(by_source(tables.weights, 30), expected, atol=2e-5)


def test_two_items_by_hand():
    # XᵀX = [[2, 1], [1, 1]]; with λ = 1: B_01 = 1 / (2 + 1), B_10 = 1 / (1 + 1)
    interactions = make_interactions([(0, 0), (1, 0), (1, 1)], n_visitors=2, n_items=2)
    tables = EASE(regularization=1.0).fit(interactions).tables()
    assert by_source(tables.weights, 2) == pytest.approx(np.array([[0, 1 / 3], [1 / 2, 0]]))


def test_each_target_keeps_its_largest_positive_sources():
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    expected = naive(dense(interactions), 20.0).T
    items, scores = EASE(regularization=20.0, neighbors=4).fit(interactions).neighbors(4)
    for target in range(30):
        largest = np.sort(expected[target])[::-1][:4]
        kept = items[target] >= 0
        assert np.allclose(scores[target][kept], largest[largest > 0][: kept.sum()], atol=2e-5)
        assert (scores[target][kept] > 0).all()


@pytest.mark.parametrize("options", [{}, {"prior_share": 0.3}])
def test_the_batch_gives_what_serving_gives_with_negative_weights(options):
    interactions = random_interactions(n_visitors=60, n_items=30, n=500)
    fitted = EASE(regularization=5.0, neighbors=None, **options).fit(interactions)
    tables = fitted.tables()
    prior = np.zeros(30, np.float32)
    prior[tables.ranking.items] = tables.ranking.scores
    for visitor in range(60):
        history = np.unique(interactions.items[interactions.visitors == visitor])
        served = score_history(
            gather(tables.weights, history),
            Scratch(30),
            count=10,
            exclude=history,
            ranking=tables.ranking,
            prior=prior,
            prior_share=tables.prior_share,
        )
        items, scores = fitted.recommend(visitor, count=10)
        found = len(served.items)
        assert np.array_equal(served.items, items[:found])
        assert np.allclose(served.scores, scores[:found], rtol=1e-6)


def test_decay_weighs_the_training_pairs():
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    tables = EASE(regularization=5.0, neighbors=None, decay_days=30.0).fit(interactions).tables()
    weighed = pair_matrix(interactions, decay_days=30.0).toarray()
    assert np.allclose(by_source(tables.weights, 30), naive(weighed, 5.0), atol=2e-5)


def test_decay_prefers_what_went_together_lately():
    pairs = [(0, 0), (0, 1), (1, 0), (1, 2)]
    interactions = make_interactions(pairs, n_visitors=3, n_items=3, times=[0, 0, 100 * DAY, 100 * DAY])
    assert EASE(decay_days=50.0).fit(interactions).tables().weights.row(0)[0].tolist() == [2, 1]


def test_a_word_is_one_more_visitor():
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    catalog = Catalog(titles=tuple(f"word{item % 7} thing{item % 4}" for item in range(30)))
    tables = (
        EASE(regularization=5.0, neighbors=None, content_weight=3.0)
        .fit(replace(interactions, catalog=catalog))
        .tables()
    )
    spoken = 3.0 * content_rows(catalog, np.ones(30, np.bool_)).toarray()
    expected = naive(np.vstack([dense(interactions), spoken]), 5.0)
    assert np.allclose(by_source(tables.weights, 30), expected, atol=2e-5)


@pytest.mark.parametrize("options", [{"content_weight": 0.0}, {"content_weight": 2.0}])
def test_without_words_or_weight_the_catalog_does_not_matter(options):
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    titles = ("",) * 30 if options["content_weight"] else ("red box",) * 15 + ("blue",) * 15
    told = EASE(**options).fit(replace(interactions, catalog=Catalog(titles=titles))).tables()
    assert_same_tables(told, EASE().fit(interactions).tables())


def test_the_order_of_rows_changes_no_bit():
    interactions = random_interactions(n_items=700, n_visitors=400)
    recommender = EASE(neighbors=8, decay_days=40.0, prior_share=0.3)
    assert_same_tables(
        recommender.fit(interactions).tables(), recommender.fit(shuffled(interactions)).tables()
    )


def test_several_blocks_give_a_symmetric_inverse():
    interactions = random_interactions(n_items=700, n_visitors=400)  # more than one block of Gram rows
    tables = EASE(regularization=10.0, neighbors=None).fit(interactions).tables()
    table = dense(interactions)
    inverse = np.linalg.inv(table.T @ table + 10.0 * np.eye(700))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    assert np.allclose(by_source(tables.weights, 700), expected, atol=2e-5)


def test_what_nobody_has_needs_no_equations():
    pairs = [(0, 2), (0, 70_000), (1, 2), (1, 70_000), (1, 99_999), (2, 99_999)]
    many = make_interactions(pairs, n_visitors=3, n_items=100_000)
    places = {2: 0, 70_000: 1, 99_999: 2}
    few = make_interactions([(visitor, places[item]) for visitor, item in pairs], n_visitors=3, n_items=3)
    wide, narrow = (EASE(regularization=5.0).fit(one).tables() for one in (many, few))
    for table, small in ((wide.neighbors, narrow.neighbors), (wide.weights, narrow.weights)):
        assert len(table) == 100_000
        assert len(table.values) == len(small.values) == 6
        for item, place in places.items():
            columns, values = table.row(item)
            assert [places[column] for column in columns.tolist()] == small.row(place)[0].tolist()
            np.testing.assert_array_equal(values, small.row(place)[1])


def test_memory_is_checked_before_the_matrix_is_made():
    wide = make_interactions([(0, item) for item in range(30_000)], n_visitors=1, n_items=30_000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInputError, match="30000 items need about") as refusal:
            EASE().fit(wide)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refusal.value.field == "memory_budget_mb"
    assert peak < 16 << 20


def test_the_memory_told_is_enough_for_words_too():
    interactions = random_interactions(n_items=2_000, n_visitors=3_000, n=6_000)
    titles = tuple(" ".join(f"w{(item * step) % 300}" for step in range(1, 20)) for item in range(2_000))
    described = replace(interactions, catalog=Catalog(titles=titles))
    with pytest.raises(InvalidInputError):
        EASE(content_weight=4.0, memory_budget_mb=36).fit(described)
    tracemalloc.start()
    try:
        EASE(content_weight=4.0, memory_budget_mb=40).fit(described)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize(
    ("n", "neighbors", "enough"), [(6_000, 50, 20), (100_000, 50, 42), (100_000, None, 160)]
)
def test_the_memory_told_is_enough(n, neighbors, enough):
    interactions = random_interactions(n_items=2_000, n_visitors=3_000, n=n)
    with pytest.raises(InvalidInputError):
        EASE(neighbors=neighbors, memory_budget_mb=0.9 * enough).fit(interactions)
    recommender = EASE(neighbors=neighbors, memory_budget_mb=enough)
    tracemalloc.start()
    try:
        recommender.fit(interactions)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < enough << 20


def test_equations_that_float32_cannot_solve_are_refused():
    twins = make_interactions([(v, item) for v in range(500) for item in (0, 1)], n_visitors=500, n_items=2)
    with pytest.raises(InvalidInputError) as refusal:
        EASE(regularization=1e-9).fit(twins)
    assert refusal.value.field == "regularization"


@pytest.mark.parametrize("neighbors", [12, None])
def test_sizes_are_told_before_anything_is_built(neighbors):
    recommender = EASE(neighbors=neighbors)
    tables = recommender.fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= recommender.table_bytes(200)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"regularization": 0}, "regularization"),
        ({"regularization": math.inf}, "regularization"),
        ({"neighbors": 0}, "neighbors"),
        ({"neighbors": True}, "neighbors"),
        ({"decay_days": 0}, "decay_days"),
        ({"content_weight": -1}, "content_weight"),
        ({"prior_share": -1}, "prior_share"),
        ({"prior_decay_days": 0}, "prior_decay_days"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        EASE(**options)
    assert refusal.value.field == field
