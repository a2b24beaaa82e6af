import math
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.evaluation import TrainingProfile
from personalization.testing import make_interactions

# Item 0 has four of the seven pairs, item 1 two, item 2 one; item 3 stands nowhere, visitor 4 has nothing.
PAIRS = [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (3, 2), (0, 0)]


@pytest.fixture
def profile():
    return TrainingProfile.of(make_interactions(PAIRS, n_visitors=5, n_items=4))


def test_shares_are_of_visitors_with_a_history(profile):
    assert profile.shares.tolist() == [1, 0.5, 0.25, 0]
    assert profile.history.toarray()[0].tolist() == [1, 1, 0, 0]


def test_groups_hold_a_third_of_the_pairs_each_from_the_best_sellers_down(profile):
    assert profile.groups.tolist() == [0, 1, 2, 2]


def test_figures_beyond_accuracy(profile):
    ranked = np.array([[1, 2]], dtype=np.int32)
    values = profile.measure(ranked, np.array([0], dtype=np.int32), ks=(1, 2))
    assert values["novelty@2"] == pytest.approx([1.5])
    assert values["popularity_bias@2"] == pytest.approx([0.375])
    assert values["diversity@2"] == pytest.approx([1])  # nobody has both
    assert values["popularity_calibration@1"] > 0


def test_likeness_is_the_cosine_of_who_has_the_items(profile):
    values = profile.measure(np.array([[0, 1]], np.int32), np.array([0], np.int32), ks=(2,))
    assert values["diversity@2"] == pytest.approx([1 - 2 / np.sqrt(4 * 2)])
    assert values["popularity_calibration@2"] == pytest.approx([0], abs=1e-12)


def test_an_item_that_nobody_has_is_as_new_as_one_that_one_visitor_has(profile):
    values = profile.measure(np.array([[3], [2]], np.int32), np.array([0, 1], np.int32), ks=(1,))
    assert values["novelty@1"].tolist() == [2, 2]
    assert values["popularity_bias@1"].tolist() == [0, 0.25]


def test_calibration_is_of_categories_where_the_catalog_tells_them():
    train = make_interactions(PAIRS, n_visitors=5, n_items=4)
    catalog = Catalog(titles=("",) * 4, categories=("tea", "cups", "", "cups"))
    profile = TrainingProfile.of(replace(train, catalog=catalog))
    visitors = np.array([0, 2, 3], np.int32)  # one of each, tea alone, tea and something without a category
    values = profile.measure(np.array([[1, 3], [0, 2], [0, 1]], np.int32), visitors, ks=(2,))
    assert "popularity_calibration@2" not in values
    only_cups = 0.5 * math.log(0.5 / 0.005) + 0.5 * math.log(0.5 / 0.995)
    half_tea = math.log(1 / (0.99 * 0.5 + 0.01))
    assert values["category_calibration@2"] == pytest.approx([only_cups, 0, half_tea], abs=1e-12)


def test_a_catalog_without_categories_leaves_popularity():
    train = make_interactions(PAIRS, n_visitors=5, n_items=4)
    profile = TrainingProfile.of(replace(train, catalog=Catalog(titles=("Tea",) * 4, categories=("",) * 4)))
    assert profile.calibrated_by == "popularity"
