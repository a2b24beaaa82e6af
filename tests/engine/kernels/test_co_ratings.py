import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.testing.recommenders import assert_same_tables, make_interactions
from tests.engine.recommenders.data import random_ratings, rated, shuffled

RATING_SIMILARITIES = ["adjusted-cosine", "pearson"]


def fit(similarity, interactions, **options):
    return ItemKNN(**{"similarity": similarity, "binary": False, "neighbors": 100, **options}).fit(
        interactions
    )


def found(fitted, target, source):
    items, scores = fitted.neighbors(fitted.history.shape[1])
    place = np.flatnonzero(items[target] == source)
    return float(scores[target, place[0]]) if len(place) else 0.0


def naive(similarity, table, target, source, shrinkage=0.0):
    """Straight from the definition; NaN: not rated."""
    both = ~np.isnan(table[:, target]) & ~np.isnan(table[:, source])
    if not both.any():
        return 0.0
    a, b = table[both, target], table[both, source]
    means = np.nanmean(table, axis=1)[both]
    a, b = (a - means, b - means) if similarity == "adjusted-cosine" else (a - a.mean(), b - b.mean())
    norm = np.sqrt((a**2).sum() * (b**2).sum())
    value = (a * b).sum() / norm if norm > 1e-9 else 0.0
    return max(value, 0.0) * both.sum() / (both.sum() + shrinkage)


@pytest.mark.parametrize("similarity", RATING_SIMILARITIES)
@pytest.mark.parametrize("shrinkage", [0.0, 4.0])
def test_the_same_as_pair_by_pair(similarity, shrinkage):
    interactions = random_ratings()
    table = np.full((60, 25), np.nan)
    table[interactions.visitors, interactions.items] = interactions.weights
    fitted = fit(similarity, interactions, shrinkage=shrinkage)
    expected = [
        [0.0 if s == t else naive(similarity, table, t, s, shrinkage) for s in range(25)] for t in range(25)
    ]
    assert np.count_nonzero(expected) > 100
    assert np.allclose([[found(fitted, t, s) for s in range(25)] for t in range(25)], expected, atol=1e-5)


def test_what_is_not_rated_is_not_zero():
    # where both are rated they go up and down together; visitors 3 and 4 rated one of them only
    table = [[1, 2], [2, 3], [3, 4], [5, None], [None, 5]]
    assert found(fit("pearson", rated(table)), 0, 1) == pytest.approx(1.0)


def test_strict_and_mild_visitors_agree_after_centering():
    # the second visitor uses 4 and 5 where the first one uses 1 and 3: both like a and b better than c
    table = [[3, 3, 1], [5, 5, 4]]
    fitted = fit("adjusted-cosine", rated(table))
    assert found(fitted, 0, 1) == pytest.approx(1.0)
    assert found(fitted, 0, 2) == 0.0  # one above, one below the mean: opposites are not recommended


def test_opposites_are_not_alike():
    assert found(fit("pearson", rated([[1, 3], [2, 2], [3, 1]])), 0, 1) == 0.0


@pytest.mark.parametrize("table", [[[4, 4], [4, 4]], [[3, 5]], [[1, 4], [2, 4], [3, 4]]])
def test_ratings_that_do_not_differ_say_nothing(table):
    assert found(fit("pearson", rated(table)), 0, 1) == 0.0


def test_nobody_rated_anything():
    fitted = fit("pearson", make_interactions([], n_visitors=2, n_items=3))
    assert fitted.recommend(0, count=1)[0].tolist() == [-1]


@pytest.mark.parametrize("similarity", RATING_SIMILARITIES)
def test_neither_order_nor_budget_changes_a_bit(similarity):
    interactions = random_ratings(n_visitors=200, n_items=60)
    ample = fit(similarity, interactions, neighbors=5).tables()
    assert_same_tables(ample, fit(similarity, shuffled(interactions), neighbors=5).tables())
    assert_same_tables(ample, fit(similarity, interactions, neighbors=5, memory_budget_mb=0.8).tables())
    with pytest.raises(InvalidInputError) as refusal:
        fit(similarity, interactions, memory_budget_mb=0.01)
    assert refusal.value.field == "memory_budget_mb"
