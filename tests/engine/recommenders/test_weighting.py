import math

import numpy as np
import pytest

from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.weighting import bm25, damp, tf_idf
from personalization.testing import make_interactions
from tests.engine.recommenders.data import random_interactions


@pytest.fixture
def pairs():
    return pair_matrix(random_interactions(n_visitors=40, n_items=20, n=300), binary=False)


def naive_bm25(table):
    lengths, sizes = table.sum(axis=0), (table > 0).sum(axis=1)
    mean = lengths[lengths > 0].mean()
    weighed = np.zeros_like(table)
    for visitor, item in zip(*np.nonzero(table), strict=True):
        x = table[visitor, item]
        rare = math.log((1 + table.shape[1]) / (1 + sizes[visitor]))
        weighed[visitor, item] = x * 2.2 / (x + 1.2 * (0.25 + 0.75 * lengths[item] / mean)) * rare
    return weighed


def test_tf_idf_entry_by_entry(pairs):
    table = pairs.toarray()
    rare = np.log(21 / (1 + (table > 0).sum(axis=1)))
    assert np.allclose(tf_idf(pairs).toarray(), np.sqrt(table) * rare[:, None])


def test_bm25_entry_by_entry(pairs):
    assert np.allclose(bm25(pairs).toarray(), naive_bm25(pairs.toarray()))


def test_damping_divides_by_the_number_of_items(pairs):
    sizes = np.maximum((pairs.toarray() > 0).sum(axis=1), 1)
    assert np.allclose(damp(pairs, 0.5).toarray(), pairs.toarray() / np.sqrt(sizes)[:, None])


def test_no_weighting_changes_its_argument(pairs):
    before = pairs.data.copy()
    for weigh in (tf_idf, bm25, lambda given: damp(given, 1.0)):
        weigh(pairs)
    assert np.array_equal(pairs.data, before)


def test_who_has_everything_says_nothing():
    everything = make_interactions([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)], n_visitors=2, n_items=3)
    assert tf_idf(pair_matrix(everything)).toarray()[0].tolist() == [0, 0, 0]
    items, _ = ItemKNN(weighting="tf-idf").fit(everything).neighbors(2)
    assert items.tolist() == [[1, -1], [0, -1], [-1, -1]]


def test_bm25_items_are_compared_by_their_product():
    interactions = random_interactions(n_visitors=40, n_items=20, n=300)
    weighed = naive_bm25(pair_matrix(interactions, binary=False).toarray())
    products = weighed.T @ weighed
    np.fill_diagonal(products, 0)
    fitted = ItemKNN(similarity="dot", weighting="bm25", binary=False, neighbors=5).fit(interactions)
    _, scores = fitted.neighbors(5)
    assert np.allclose(np.nan_to_num(scores), np.sort(products, axis=1)[:, :-6:-1], rtol=1e-5)
