import math

import numpy as np
import pytest

from personalization.engine.kernels.similarity import OF_COUNTS
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.testing.recommenders import assert_same_tables, make_interactions
from tests.engine.recommenders.data import dense, random_interactions, shuffled

#: Of ten visitors four have a, five have b, three have both; c is somebody else's.
PAIRS = [(v, 0) for v in range(4)] + [(v, 1) for v in range(1, 6)] + [(v, 2) for v in range(6, 10)]


def compared(similarity, interactions, **options):
    """Every similarity that is > 0, dense, target by source."""
    n_items = interactions.n_items
    if similarity in OF_COUNTS:
        options = {"min_together": 1, **options}
    fitted = ItemKNN(similarity=similarity, neighbors=n_items, **options).fit(interactions)
    items, scores = fitted.neighbors(n_items)
    table = np.zeros((n_items, n_items))
    targets, places = np.nonzero(items >= 0)
    table[targets, items[targets, places]] = scores[targets, places]
    return table


def g_squared(both, target, source, everybody):
    """Of one pair, cell by cell, as a textbook writes it."""
    observed = [[both, target - both], [source - both, everybody - target - source + both]]
    total = 0.0
    for row in (0, 1):
        for column in (0, 1):
            expected = sum(observed[row]) * (observed[0][column] + observed[1][column]) / everybody
            if observed[row][column]:
                total += observed[row][column] * math.log(observed[row][column] / expected)
    return 2 * total if both * everybody > target * source else 0.0


NAIVE = {
    "jaccard": lambda both, target, source, everybody: both / (target + source - both),
    "conditional": lambda both, target, source, everybody: both / source,
    "lift": lambda both, target, source, everybody: both * everybody / target / source,
    "log-likelihood": g_squared,
}


@pytest.mark.parametrize(
    ("similarity", "a_from_b", "b_from_a"),
    [
        ("jaccard", 3 / 6, 3 / 6),
        ("conditional", 3 / 5, 3 / 4),
        ("lift", 3 * 10 / 20, 3 * 10 / 20),
        ("log-likelihood", g_squared(3, 4, 5, 10), g_squared(3, 5, 4, 10)),
    ],
)
def test_by_hand(similarity, a_from_b, b_from_a):
    table = compared(similarity, make_interactions(PAIRS, n_visitors=10, n_items=3))
    assert table[0, 1] == pytest.approx(a_from_b)
    assert table[1, 0] == pytest.approx(b_from_a)
    assert table[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("similarity", NAIVE)
def test_the_same_as_pair_by_pair(similarity):
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    has = dense(interactions)
    both, sizes, everybody = has.T @ has, has.sum(axis=0), int(has.any(axis=1).sum())
    expected = np.zeros((30, 30))
    for target in range(30):
        for source in range(30):
            if target != source and both[target, source]:
                expected[target, source] = NAIVE[similarity](
                    both[target, source], sizes[target], sizes[source], everybody
                )
    assert (expected > 0).sum() > 300
    assert np.allclose(compared(similarity, interactions), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("similarity", NAIVE)
def test_damping_makes_a_visitor_count_less_everywhere(similarity):
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    has = dense(interactions)
    weight = 1 / np.maximum(has.sum(axis=1), 1)  # damping 0.5, squared
    both, sizes = has.T @ (has * weight[:, None]), has.T @ weight
    table = compared(similarity, interactions, damping=0.5)
    everybody = weight[has.any(axis=1)].sum()
    for target, source in ((0, 1), (3, 9), (8, 2)):
        expected = NAIVE[similarity](both[target, source], sizes[target], sizes[source], everybody)
        assert table[target, source] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_what_is_bought_together_by_accident_lifts_more_but_is_less_sure():
    # x and y were taken once, both by visitor 0; a and b by nine visitors each, eight of them the same
    pairs = [(0, 2), (0, 3), *((v, 0) for v in range(1, 10)), *((v, 1) for v in range(2, 11))]
    pairs += [(v, 4) for v in range(11, 40)]
    interactions = make_interactions(pairs, n_visitors=40, n_items=5)
    lifts, sure = compared("lift", interactions), compared("log-likelihood", interactions)
    assert lifts[2, 3] > lifts[0, 1]
    assert sure[2, 3] < sure[0, 1]


def test_what_meets_less_often_than_by_chance_is_not_alike():
    pairs = [(v, 0) for v in range(9)] + [(v, 1) for v in range(8, 12)]
    assert compared("log-likelihood", make_interactions(pairs, n_visitors=12, n_items=2)).max() == 0


def test_shrinkage_takes_most_from_what_few_visitors_say():
    pairs = [(0, 0), (0, 1)] + [(v, item) for v in range(1, 9) for item in (2, 3)]
    interactions = make_interactions(pairs, n_visitors=9, n_items=4)
    plain, shrunk = compared("cosine", interactions), compared("cosine", interactions, shrinkage=2.0)
    assert plain[0, 1] == pytest.approx(plain[2, 3]) == pytest.approx(1.0)
    assert shrunk[0, 1] == pytest.approx(1 / 3)
    assert shrunk[2, 3] == pytest.approx(8 / 10)


@pytest.mark.parametrize(
    "options",
    [
        *({"similarity": name, "damping": 0.3} for name in NAIVE),
        {"shrinkage": 4.0, "binary": False},
        {"weighting": "tf-idf", "binary": False},
        {"weighting": "bm25", "similarity": "dot", "binary": False, "decay_days": 40.0},
    ],
)
def test_the_order_of_rows_changes_no_bit(options):
    interactions = random_interactions()
    recommender = ItemKNN(neighbors=8, **options)
    assert_same_tables(
        recommender.fit(interactions).tables(), recommender.fit(shuffled(interactions)).tables()
    )


@pytest.mark.parametrize("similarity", ["jaccard", "log-likelihood"])
def test_small_budgets_change_nothing(similarity):
    interactions = random_interactions()
    recommender = ItemKNN(similarity=similarity, neighbors=8)
    tight = ItemKNN(similarity=similarity, neighbors=8, memory_budget_mb=0.5)
    assert_same_tables(recommender.fit(interactions).tables(), tight.fit(interactions).tables())


@pytest.mark.parametrize("damping", [0.0, 0.5])
@pytest.mark.parametrize("similarity", sorted(OF_COUNTS))
def test_what_too_few_visitors_share_is_not_alike(similarity, damping):
    interactions = random_interactions(n_visitors=80, n_items=30, n=700)
    has = dense(interactions)
    together = has.T @ has
    every = compared(similarity, interactions, damping=damping)
    some = compared(similarity, interactions, damping=damping, min_together=4)
    assert (every[together < 4] > 0).any()
    # each visitor counts once for the floor, whatever it counts for the similarity
    assert np.array_equal(some, np.where(together >= 4, every, 0))


def test_shares_of_one_or_two_visitors_are_not_believed_unless_asked_for():
    pairs = [*((v, i) for v in range(2) for i in (0, 1)), *((v, i) for v in range(2, 5) for i in (2, 3))]
    interactions = make_interactions(pairs, n_visitors=9, n_items=4)
    for similarity in ("lift", "conditional"):
        assert ItemKNN(similarity=similarity).fit(interactions).neighbors(1)[0].ravel().tolist() == [
            -1,
            -1,
            3,
            2,
        ]
    for similarity in ("jaccard", "log-likelihood"):
        assert ItemKNN(similarity=similarity).fit(interactions).neighbors(1)[0].ravel().tolist() == [
            1,
            0,
            3,
            2,
        ]
