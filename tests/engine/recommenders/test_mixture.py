import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders import mixture
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.mixture import Mixture, mixed
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.testing import checkerboard
from personalization.testing.recommenders import assert_same_tables
from tests.engine.recommenders.data import random_interactions


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


def test_a_few_rows_at_a_time_give_the_table_of_all(monkeypatch):
    interactions = random_interactions()
    whole = Mixture(ItemKNN(), RP3beta()).fit(interactions).tables()
    monkeypatch.setattr(mixture, "_AT_ONCE", 7)
    assert_same_tables(Mixture(ItemKNN(), RP3beta()).fit(interactions).tables(), whole)


def test_beside_both_tables_and_their_sum_little_is_held(monkeypatch):
    monkeypatch.setattr(mixture, "_AT_ONCE", 10_000)
    interactions = random_interactions(n_visitors=2_000, n_items=2_000, n=60_000)
    first, second = (part.fit(interactions) for part in (ItemKNN(neighbors=200), RP3beta(neighbors=200)))
    tables = (first.learned.weights, second.learned.weights)
    entries = sum(len(table.values) for table in tables)
    mixed(first, second, share=1.0, neighbors=False)
    tracemalloc.start()
    try:
        mixed(first, second, share=1.0, neighbors=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert entries > 400_000
    assert peak < 8 * entries + (6 << 20)


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
