import math
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.rating_predictor import RatingPredictor
from personalization.engine.recommenders.user_knn import UserKNN
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import dense, random_interactions, random_ratings, rated, shuffled


def naive_scores(table, visitor, *, neighbors, similarity, scoring="sum"):
    """One visitor, straight from the definition; NaN: not rated. {item: score}"""
    likeness = {
        other: similarity(table[visitor], table[other]) for other in range(len(table)) if other != visitor
    }
    nearest = sorted((v for v in likeness if likeness[v] > 1e-9), key=lambda v: (-np.float32(likeness[v]), v))
    scores = {}
    for item in range(table.shape[1]):
        raters = [v for v in nearest[:neighbors] if not math.isnan(table[v, item])]
        total = sum(likeness[v] * table[v, item] for v in raters)
        if raters:
            scores[item] = total / sum(likeness[v] for v in raters) if scoring == "mean" else total
    return scores


def cosine(a, b):
    a, b = np.nan_to_num(a), np.nan_to_num(b)
    norm = np.linalg.norm(a) * np.linalg.norm(b)
    return a @ b / norm if norm else 0.0


def pearson(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    if both.sum() < 2:
        return 0.0
    a, b = a[both] - a[both].mean(), b[both] - b[both].mean()
    norm = np.linalg.norm(a) * np.linalg.norm(b)
    return a @ b / norm if norm > 1e-9 else 0.0


def ratings_table(interactions):
    table = np.full((interactions.n_visitors, interactions.n_items), np.nan)
    table[interactions.visitors, interactions.items] = interactions.weights
    return table


def test_the_classic_example():
    # five films, four people: Bob and Dan are like Ann, Cleo is the opposite; Bob and Dan differ about film 3
    ann, bob, cleo, dan = [5, 3, 1, None, None], [4, 3, 2, 5, None], [1, 3, 5, 1, 5], [5, 4, 1, 2, None]
    fitted = UserKNN(similarity="pearson", scoring="mean", binary=False).fit(rated([ann, bob, cleo, dan]))
    items, scores = fitted.recommend(0, count=5)
    with_bob, with_dan = 1.0, pearson(np.array([5.0, 3, 1]), np.array([5.0, 4, 1]))
    # film 3 is all there is to offer: film 4 was seen by Cleo alone, who is not alike; 0, 1 and 2 Ann has rated
    assert items.tolist() == [3, -1, -1, -1, -1]
    # the mean of those who rated it, by likeness: not pulled down by who did not, nor by Ann herself
    assert scores[0] == pytest.approx((with_bob * 5 + with_dan * 2) / (with_bob + with_dan))


def test_who_did_not_rate_an_item_has_no_say_in_its_mean():
    table = [[5, 1, None], [5, 1, 4], [5, 1, None], [5, 1, None]]
    fitted = UserKNN(similarity="pearson", scoring="mean", binary=False).fit(rated(table))
    items, scores = fitted.recommend(0, count=1)
    assert (items[0], scores[0]) == (2, pytest.approx(4.0))


def test_nobody_is_his_own_neighbor():
    # visitor 0 shares nothing with anybody: were he his own neighbor, he would be offered what he has
    fitted = UserKNN().fit(make_interactions([(0, 0), (1, 1), (2, 1), (2, 2)], n_visitors=3, n_items=3))
    assert fitted.tables().visitors.row(0)[0].tolist() == []
    assert fitted.recommend(0, count=3)[0].tolist() == [1, 2, -1]  # what is popular


@pytest.mark.parametrize("scoring", ["sum", "mean"])
@pytest.mark.parametrize(("name", "similarity"), [("cosine", cosine), ("pearson", pearson)])
def test_the_same_as_visitor_by_visitor(name, similarity, scoring):
    interactions = random_ratings(n_visitors=40, n_items=20)
    table = ratings_table(interactions)
    fitted = UserKNN(similarity=name, scoring=scoring, binary=False, neighbors=8).fit(interactions)
    for visitor in range(40):
        expected = naive_scores(table, visitor, neighbors=8, similarity=similarity, scoring=scoring)
        items, scores = fitted.recommend(visitor, count=20, exclude_seen=False)
        found = dict(zip(items[items >= 0].tolist(), scores[items >= 0].tolist(), strict=True))
        assert found == pytest.approx(expected, rel=1e-4)


def test_sets_are_compared_by_cosine():
    interactions = random_interactions(n_visitors=40, n_items=20, n=200)
    table = np.where(dense(interactions) > 0, 1.0, np.nan)
    fitted = UserKNN(neighbors=5).fit(interactions)
    items, scores = fitted.recommend(3, count=20, exclude_seen=False)
    expected = naive_scores(table, 3, neighbors=5, similarity=cosine)
    assert dict(zip(items[items >= 0].tolist(), scores[items >= 0], strict=True)) == pytest.approx(expected)


def test_who_shares_little_is_trusted_less():
    # 1 and 2 both go up and down with 0; but 1 on two items, 2 on four
    table = [[1, 2, 4, 5, None, None], [None, None, 4, 5, 5, None], [1, 2, 4, 5, None, 5]]
    plain, careful = (
        UserKNN(similarity="pearson", binary=False, shrinkage=shrinkage)
        .fit(rated(table))
        .recommend(0, count=2)
        for shrinkage in (0.0, 4.0)
    )
    assert plain[1].tolist() == pytest.approx([5, 5])
    assert careful[0].tolist() == [5, 4]
    assert careful[1].tolist() == pytest.approx([5 * 4 / 8, 5 * 2 / 6])


def test_few_items_in_common_are_not_significant():
    table = [[1, 2, 4, 5, None, None], [None, None, 4, 5, 5, None], [1, 2, 4, 5, None, 5]]
    fitted = UserKNN(similarity="pearson", binary=False, significance=4).fit(rated(table))
    items, scores = fitted.recommend(0, count=2)
    assert items.tolist() == [5, 4]
    assert scores.tolist() == pytest.approx([5, 5 * 2 / 4])  # four in common are enough, two are half of that


def test_a_rating_is_predicted_from_how_far_neighbors_are_from_their_means():
    # Bob rates as Ann does, a point lower throughout; he found item 3 one above his mean
    ann, bob = [5, 4, 3, None, None], [4, 3, 2, 4, None]
    fitted = UserKNN(similarity="pearson", scoring="mean", binary=False).fit(rated([ann, bob]))
    assert isinstance(fitted, RatingPredictor)
    predicted = fitted.predict(np.array([0, 0, 1]), np.array([3, 4, 0]))
    # Ann's mean and Bob's distance; her mean alone; Bob's mean and how far Ann is from hers
    assert predicted.tolist() == pytest.approx([4 + (4 - 3.25), 4, 3.25 + 1])


def test_predictions_equal_naive_ones():
    interactions = random_ratings(n_visitors=40, n_items=20)
    table = ratings_table(interactions)
    fitted = UserKNN(similarity="pearson", scoring="mean", binary=False, neighbors=8).fit(interactions)
    visitors, items = np.divmod(np.arange(40 * 20), 20)
    expected = []
    for visitor, item in zip(visitors, items, strict=True):
        likeness = {v: pearson(table[visitor], table[v]) for v in range(40) if v != visitor}
        nearest = sorted(
            (v for v in likeness if likeness[v] > 1e-9), key=lambda v: (-np.float32(likeness[v]), v)
        )[:8]
        raters = [v for v in nearest if not math.isnan(table[v, item])]
        above = sum(likeness[v] * (table[v, item] - np.nanmean(table[v])) for v in raters)
        mean = np.nanmean(table[visitor])
        expected.append(np.clip(mean + above / sum(likeness[v] for v in raters) if raters else mean, 1, 5))
    assert fitted.predict(visitors, items) == pytest.approx(expected, rel=1e-4)


def test_known_ratings_are_taken_instead_of_weights():
    world = rated([[5, 3, None], [5, 3, 1]])
    weighted = replace(world, weights=np.ones(5, np.float32), ratings=world.weights)
    options = {"similarity": "pearson", "scoring": "mean", "binary": False}
    asked = np.array([0]), np.array([2])
    assert UserKNN(**options).fit(weighted).predict(*asked) == UserKNN(**options).fit(world).predict(*asked)


def test_predictions_are_refused_by_name_and_unknown_without_ratings():
    fitted = UserKNN(scoring="mean", binary=False).fit(rated([[5, 3], [4, None]]))
    for visitors, items, field in (([2], [0], "visitors"), ([0], [-1], "items"), ([0, 1], [0], "items")):
        with pytest.raises(InvalidInputError) as refusal:
            fitted.predict(np.array(visitors), np.array(items))
        assert refusal.value.field == field
    nothing = UserKNN(scoring="mean", binary=False).fit(make_interactions([], n_visitors=1, n_items=1))
    assert np.isnan(nothing.predict(np.array([0]), np.array([0]))).all()


def test_lists_hold_the_best_new_and_the_best_known_items():
    interactions = random_interactions(n_visitors=40, n_items=60, n=900)
    long, short = UserKNN(list_length=60).fit(interactions), UserKNN(list_length=4).fit(interactions)
    for exclude_seen in (True, False):
        for visitor in range(40):
            asked = {"count": 4, "exclude_seen": exclude_seen}
            assert np.array_equal(long.recommend(visitor, **asked)[0], short.recommend(visitor, **asked)[0])
    assert np.diff(short.tables().visitors.indptr).max() == 8


def test_the_order_of_rows_changes_no_bit():
    interactions = random_interactions()
    recommender = UserKNN(binary=False, neighbors=20)
    assert_same_tables(
        recommender.fit(interactions).tables(), recommender.fit(shuffled(interactions)).tables()
    )


def test_many_visitors_are_scored_in_several_chunks():
    wide = random_interactions(n_visitors=50, n_items=100_000, n=900)
    items, _ = UserKNN().fit(wide).recommend(np.arange(50, dtype=np.int32), count=3)
    assert np.array_equal(items[41], UserKNN().fit(wide).recommend(41, count=3)[0])


def test_too_small_a_budget_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        UserKNN(memory_budget_mb=0.01).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"similarity": "jaccard"}, "similarity"),
        ({"neighbors": 0}, "neighbors"),
        ({"scoring": "median"}, "scoring"),
        ({"binary": 1}, "binary"),
        ({"scoring": "mean"}, "binary"),
        ({"similarity": "pearson"}, "binary"),
        ({"shrinkage": -1}, "shrinkage"),
        ({"significance": 5}, "significance"),
        ({"similarity": "pearson", "binary": False, "significance": 0}, "significance"),
        ({"list_length": 0}, "list_length"),
        ({"memory_budget_mb": 0}, "memory_budget_mb"),
    ],
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        UserKNN(**options)
    assert refusal.value.field == field
