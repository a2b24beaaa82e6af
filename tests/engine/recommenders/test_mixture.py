from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.mixture import Mixture, mixed
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.testing import checkerboard


def dense(fitted):
    table = fitted.tables().weights
    matrix = np.zeros((len(table), len(table)))
    for row in range(len(table)):
        columns, values = table.row(row)
        matrix[row, columns] = values
    return matrix


def mean_best(fitted):
    has = (fitted.history.toarray() > 0).astype(float)
    best = (has @ dense(fitted)).max(axis=1)
    return best[best > 0].mean()


def test_each_table_is_divided_by_its_mean_best_score():
    interactions, parts = checkerboard(), (ItemKNN(), RP3beta())
    first, second = (part.fit(interactions) for part in parts)
    expected = dense(first) / mean_best(first) + 0.5 * dense(second) / mean_best(second)
    assert dense(Mixture(*parts, share=0.5).fit(interactions)) == pytest.approx(expected, rel=1e-5)


def test_the_scale_of_a_part_does_not_matter():
    first, second = (part.fit(checkerboard()) for part in (ItemKNN(), RP3beta()))
    weights = second.learned.weights
    larger = replace(weights, values=weights.values * np.float32(1024))
    scaled = FittedTables(replace(second.learned, weights=larger), second.history)
    assert dense(mixed(first, scaled, share=1.0)) == pytest.approx(
        dense(mixed(first, second, share=1.0)), rel=1e-6
    )


def test_rows_are_ordered_and_neighbors_are_the_same_entries_turned():
    tables = Mixture(ItemKNN(), RP3beta()).fit(checkerboard()).tables()
    for row in range(10):
        assert (np.diff(tables.weights.row(row)[1]) <= 0).all()
    turned = np.zeros((10, 10))
    for row in range(10):
        columns, values = tables.neighbors.row(row)
        turned[columns, row] = values
    assert turned == pytest.approx(dense(Mixture(ItemKNN(), RP3beta()).fit(checkerboard())), rel=1e-6)


def test_the_common_ranking_is_that_of_the_first():
    interactions = checkerboard()
    first = RecencyBlend(prior_share=0.7)
    tables = Mixture(first, ItemKNN()).fit(interactions).tables()
    assert tables.prior_share == 0.7
    assert tables.ranking.items.tolist() == first.fit(interactions).tables().ranking.items.tolist()


def test_what_has_no_weights_is_refused_by_name():
    with pytest.raises(InvalidInputError) as refusal:
        Mixture(ItemKNN(), Popularity()).fit(checkerboard())
    assert refusal.value.field == "second"


def test_a_share_of_nothing_is_refused_by_name():
    with pytest.raises(InvalidInputError) as refusal:
        Mixture(share=0)
    assert refusal.value.field == "share"
