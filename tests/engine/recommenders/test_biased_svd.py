"""BiasedSVD: ratings whose mean, biases and products are known by construction."""

import dataclasses
import math

import numpy as np
import pytest

from personalization.engine.dislikes import Dislikes
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.biased_svd import BiasedSVD
from personalization.engine.recommenders.rating_matrix import rating_matrix
from personalization.engine.recommenders.rating_predictor import RatingPredictor
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import random_ratings, rated


def told(table, share=1.0, seed=0):
    """Ratings of a dense table, a share of them: entries without a rating stand beside."""
    visitors, items = np.nonzero(np.ones_like(table))
    ratings = table[visitors, items].astype(np.float32)
    ratings[np.random.default_rng(seed).random(len(ratings)) >= share] = np.nan
    return Interactions(
        visitors.astype(np.int32),
        items.astype(np.int32),
        np.ones(len(ratings), np.float32),
        *table.shape,
        ratings=ratings,
    )


def every_pair(fitted):
    """All predictions: float32 (n_visitors, n_items)."""
    shape = fitted.history.shape
    visitors, items = (place.ravel() for place in np.indices(shape))
    return fitted.predict(visitors, items).reshape(shape)


def objective(table, fitted, regularization):
    """What is minimized, straight from the definition."""
    products = fitted.visitor_factors[:, :-1] @ fitted.item_factors[:, :-1].T
    predicted = fitted.mean + fitted.visitor_factors[:, -1:] + fitted.item_factors[:, -1] + products
    has = ~np.isnan(table)
    kept = has.sum(axis=1) @ (fitted.visitor_factors**2).sum(axis=1)
    kept += has.sum(axis=0) @ (fitted.item_factors**2).sum(axis=1)
    return ((table - predicted)[has] ** 2).sum() + regularization * kept


def test_where_only_biases_differ_the_biases_are_found():
    of_visitors, of_items = np.array([-0.5, 0, 0.5, 1, -1]), np.array([1, -1, 0.25, -0.25])
    table = 3 + of_visitors[:, None] + of_items
    fitted = BiasedSVD(factors=1, iterations=60, regularization=1e-6).fit(told(table))
    assert fitted.mean == pytest.approx(3)
    assert np.allclose(every_pair(fitted), table, atol=1e-3)


def test_what_was_not_rated_is_predicted_from_biases():
    of_visitors, of_items = np.linspace(-1, 1, 40), np.linspace(-0.8, 0.8, 30)
    table = 3 + of_visitors[:, None] + of_items
    given = told(table, share=0.6)
    fitted = BiasedSVD(factors=1, iterations=60, regularization=1e-3).fit(given)
    hidden = np.isnan(given.ratings)
    assert hidden.sum() > 30
    errors = fitted.predict(given.visitors[hidden], given.items[hidden]) - table.ravel()[hidden]
    assert np.sqrt(np.mean(errors**2)) < 0.05


def test_a_table_of_rank_one_is_recovered_from_part_of_it():
    rng = np.random.default_rng(4)
    table = 3 + np.outer(rng.choice([-1.0, 1.0], 40), rng.uniform(0.5, 1.5, 30) * rng.choice([-1, 1], 30))
    given = told(table, share=0.5)
    fitted = BiasedSVD(factors=1, iterations=80, regularization=1e-3).fit(given)
    hidden = np.isnan(given.ratings)
    found = fitted.predict(given.visitors[hidden], given.items[hidden])
    assert np.sqrt(np.mean((found - table.ravel()[hidden]) ** 2)) < 0.05


def test_more_iterations_come_nearer_to_what_is_asked_for():
    given = random_ratings()
    table = np.full((60, 25), np.nan)
    table[given.visitors, given.items] = given.weights
    reached = [
        objective(
            table, BiasedSVD(factors=4, iterations=n, regularization=0.1, source="weights").fit(given), 0.1
        )
        for n in (1, 3, 10, 60)
    ]
    assert reached == sorted(reached, reverse=True)
    again = BiasedSVD(factors=4, iterations=400, regularization=0.1, source="weights").fit(given)
    moved = dataclasses.replace(again, visitor_factors=again.visitor_factors * np.float32(1.01))
    assert objective(table, again, 0.1) < objective(table, moved, 0.1)


def test_an_entry_without_rating_is_no_rating():
    table = [[5, None, 1], [4, 2, None], [None, 1, 5]]
    plain = rated(table)
    rows = np.concatenate([plain.visitors, np.array([0, 2], np.int32)])
    columns = np.concatenate([plain.items, np.array([1, 0], np.int32)])
    ratings = np.concatenate([plain.weights, np.full(2, np.nan, np.float32)])
    bought = Interactions(rows, columns, np.ones(len(rows), np.float32), 3, 3, ratings=ratings)
    recommender = BiasedSVD(factors=2)
    assert np.array_equal(
        every_pair(recommender.fit(bought)),
        every_pair(dataclasses.replace(recommender, source="weights").fit(plain)),
    )


def test_the_newest_rating_of_a_pair_counts():
    same = np.zeros(4, np.int32)
    interactions = Interactions(
        same,
        np.array([0, 0, 0, 1], np.int32),
        np.ones(4, np.float32),
        1,
        2,
        times=np.array([1, 3, 2, 1], np.int64),
        ratings=np.array([5, 2, np.nan, 0], np.float32),
    )
    matrix = rating_matrix(interactions)
    assert matrix.toarray().tolist() == [[2, 0]]
    assert matrix.nnz == 2


def test_what_was_disliked_is_rated_too():
    table = np.where((np.arange(12)[:, None] + np.arange(10)) % 2 == 0, 5.0, 1.0)
    given = told(table)
    liked = given.ratings > 3
    disliked = Dislikes(
        given.visitors[~liked], given.items[~liked], given.ratings[~liked], np.zeros((~liked).sum(), np.int64)
    )
    apart = given.take(liked, dislikes=disliked)
    whole, same = (BiasedSVD(factors=2).fit(each) for each in (given, apart))
    assert np.array_equal(every_pair(whole), every_pair(same))
    again = rating_matrix(given.take(liked, times=np.ones(liked.sum(), np.int64), dislikes=disliked))
    assert again.nnz == 120


def test_two_tastes_are_told_apart():
    # even visitors love even items and hate odd ones, odd visitors the other way round: no bias explains anything
    table = np.where((np.arange(12)[:, None] + np.arange(10)) % 2 == 0, 5.0, 1.0)
    hidden = np.arange(12), (3 * np.arange(12)) % 10
    given = told(table)
    keep = ~np.isin(given.visitors * 10 + given.items, hidden[0] * 10 + hidden[1])
    fitted = BiasedSVD(factors=2, floor=0.0).fit(given.take(keep))
    assert np.allclose(fitted.predict(*hidden), table[hidden], atol=0.5)
    liked = table[hidden] == 5
    items, _ = fitted.recommend(hidden[0][liked], count=1)
    assert items[:, 0].tolist() == hidden[1][liked].tolist()
    ranked, _ = fitted.recommend(0, count=5, exclude_seen=False)
    assert set(ranked.tolist()) == {0, 2, 4, 6, 8}


def test_few_ratings_have_to_wait_for_more():
    # item 0: two fives; item 1: forty ratings of four; the others spoil the mean
    entries = [(v, 0, 5.0) for v in (0, 1)] + [(v, 1, 4.0) for v in range(2, 42)]
    entries += [(v, 2, 1.0) for v in range(50)]
    visitors, items, ratings = (np.array(part) for part in zip(*entries, strict=True))
    given = Interactions(visitors.astype(np.int32), items.astype(np.int32), ratings.astype(np.float32), 50, 3)
    recommender = BiasedSVD(factors=1, regularization=1.0, source="weights", floor=0.0)
    assert recommender.fit(given).recommend(49, count=1)[0].tolist() == [0]
    careful = dataclasses.replace(recommender, floor=10.0)
    assert careful.fit(given).recommend(49, count=1)[0].tolist() == [1]


def test_predictions_stay_within_the_scale():
    fitted = BiasedSVD(factors=8, source="weights", regularization=1e-4).fit(random_ratings())
    predicted = every_pair(fitted)
    assert (predicted.min(), predicted.max()) == (1.0, 5.0)
    assert predicted.dtype == np.float32
    assert isinstance(fitted, RatingPredictor)


@pytest.mark.parametrize("source", ["ratings", "weights"])
def test_without_ratings_nothing_is_predicted_and_popular_items_are_listed(source):
    pairs = [] if source == "weights" else [(0, 1), (1, 1), (1, 0)]
    fitted = BiasedSVD(source=source).fit(make_interactions(pairs, n_visitors=3, n_items=2))
    assert np.isnan(fitted.predict(np.array([0]), np.array([1]))).all()
    assert fitted.recommend(2, count=2)[0].tolist() == ([-1, -1] if source == "weights" else [1, 0])


def test_the_order_of_rows_changes_no_bit():
    given = random_ratings()
    mixed = given.take(np.random.default_rng(8).permutation(len(given)))
    recommender = BiasedSVD(source="weights")
    assert_same_tables(recommender.fit(given).tables(), recommender.fit(mixed).tables())
    assert np.array_equal(every_pair(recommender.fit(given)), every_pair(recommender.fit(mixed)))


@pytest.mark.parametrize(
    ("visitors", "items", "field"),
    [([60], [0], "visitors"), ([0], [-1], "items"), ([0.0], [0], "visitors"), ([0, 1], [0], "items")],
)
def test_pairs_that_are_none_are_refused_by_name(visitors, items, field):
    fitted = BiasedSVD(source="weights", factors=1).fit(random_ratings())
    with pytest.raises(InvalidInputError) as refusal:
        fitted.predict(np.array(visitors), np.array(items))
    assert refusal.value.field == field


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError, match="need about") as refusal:
        BiasedSVD(source="weights", memory_budget_mb=0.1).fit(random_ratings())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"factors": 0}, "factors"),
        ({"iterations": True}, "iterations"),
        ({"regularization": 0}, "regularization"),
        ({"source": "orders"}, "source"),
        ({"floor": math.nan}, "floor"),
        ({"neighbors": 0}, "neighbors"),
        ({"list_length": 0}, "list_length"),
        ({"seed": 0.5}, "seed"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        BiasedSVD(**options)
    assert refusal.value.field == field
