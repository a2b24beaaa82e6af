"""The compiled kernel makes the tables of the plain one, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels import compiled
from personalization.engine.kernels.item_kernel import cosine_of, top_compared, top_products, top_sources
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.tables import SparseRows
from personalization.testing.recommenders import RecommenderContract
from tests.contrib.wanted import wanted

if not wanted("numba", "fast"):
    pytest.skip("needs the extra [fast]", allow_module_level=True)

BUDGET = 1 << 28


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to do."""
    monkeypatch.setattr(compiled, "WORTH", 0)


def plainly(monkeypatch: pytest.MonkeyPatch, *matrices: csr_array, neighbors: int) -> SparseRows:
    with monkeypatch.context() as without:
        without.setattr(compiled, "compiled", lambda: None)
        return top_products(*matrices, neighbors=neighbors, budget=BUDGET)


def interactions(rng: np.random.Generator, visitors: int, items: int, share: float, *, weighed: bool) -> Any:
    """Popular items and busy visitors, as shops have them."""
    chance = np.outer(rng.lognormal(0, 1, visitors), 1 / np.arange(1, items + 1) ** 0.7)
    had = rng.random((visitors, items)) < chance * share / chance.mean()
    dense = had * (rng.random(had.shape) + 0.01 if weighed else 1.0)
    return csr_array(dense)


def same(found: SparseRows, expected: SparseRows) -> None:
    np.testing.assert_array_equal(found.indptr, expected.indptr)
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_array_equal(found.values, expected.values)


@pytest.mark.parametrize("weighed", [False, True])
@pytest.mark.parametrize("neighbors", [1, 7, 20, 400])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_table_is_the_same(
    monkeypatch: pytest.MonkeyPatch, seed: int, neighbors: int, weighed: bool
) -> None:
    matrix = interactions(np.random.default_rng(seed), 150, 300, 0.05, weighed=weighed)
    found = top_products(matrix, matrix, neighbors=neighbors, budget=BUDGET)
    same(found, plainly(monkeypatch, matrix, matrix, neighbors=neighbors))
    assert len(found.values) > 200


@pytest.mark.parametrize("neighbors", [1, 20, 400])
@pytest.mark.parametrize("seed", [1, 2])
def test_whole_counts_give_the_same_table_with_and_without(
    monkeypatch: pytest.MonkeyPatch, seed: int, neighbors: int
) -> None:
    matrix = interactions(np.random.default_rng(seed), 150, 300, 0.05, weighed=False)
    comparison = cosine_of(matrix)
    assert comparison.scales is not None
    found = top_compared(comparison, neighbors=neighbors, budget=BUDGET)
    with monkeypatch.context() as without:
        without.setattr(compiled, "compiled", lambda: None)
        same(found, top_compared(comparison, neighbors=neighbors, budget=BUDGET))
    counts = (matrix.T @ matrix).toarray()
    own = np.sqrt(np.maximum(counts.diagonal(), 1))
    best = np.where(np.eye(len(own)) > 0, 0, counts / np.outer(own, own)).max(axis=1)
    listed = np.diff(found.indptr) > 0
    np.testing.assert_array_equal(listed, best > 0)
    np.testing.assert_allclose(found.values[found.indptr[:-1][listed]], best[listed], rtol=1e-6)


def test_long_histories_and_short_ones_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a target is reached by more products than there are items, what was touched is listed afterwards."""
    rng = np.random.default_rng(8)
    dense = rng.random((60, 40)) < np.linspace(0.02, 0.9, 40)
    comparison = cosine_of(csr_array(dense.astype(np.float64)))
    reached = dense.T.astype(int) @ dense.sum(axis=1)
    assert reached.min() < 40 < reached.max()
    found = top_compared(comparison, neighbors=6, budget=BUDGET)
    monkeypatch.setattr(compiled, "compiled", lambda: None)
    same(found, top_compared(comparison, neighbors=6, budget=BUDGET))


def test_values_of_targets_and_sources_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = interactions(np.random.default_rng(4), 80, 60, 0.1, weighed=True)
    targets = csr_array((sources.data[::-1].copy(), sources.indices, sources.indptr), shape=sources.shape)
    found = top_products(targets, sources, neighbors=5, budget=BUDGET)
    same(found, plainly(monkeypatch, targets, sources, neighbors=5))


@pytest.mark.parametrize("part", [(0, 300), (0, 7), (120, 180), (299, 300), (5, 5)])
def test_a_part_of_the_targets_is_the_same(monkeypatch: pytest.MonkeyPatch, part: tuple[int, int]) -> None:
    matrix = interactions(np.random.default_rng(6), 150, 300, 0.05, weighed=True)
    found = top_products(matrix, matrix, neighbors=7, budget=BUDGET, part=part)
    whole = plainly(monkeypatch, matrix, matrix, neighbors=7)
    assert len(found) == part[1] - part[0]
    for row in range(*part):
        for left, right in zip(whole.row(row), found.row(row - part[0]), strict=True):
            np.testing.assert_array_equal(left, right)


def test_ties_go_to_the_lower_row() -> None:
    everybody_has_all = csr_array(np.ones((3, 9)))
    table = top_sources(everybody_has_all, neighbors=4, budget=BUDGET)
    assert table.indices.reshape(9, 4).tolist()[0] == [1, 2, 3, 4]
    assert table.indices.reshape(9, 4).tolist()[8] == [0, 1, 2, 3]


def test_an_item_that_nobody_has_gets_nothing() -> None:
    table = top_sources(csr_array(np.array([[1.0, 0, 1], [1, 0, 0]])), neighbors=2, budget=BUDGET)
    assert np.diff(table.indptr).tolist() == [1, 0, 1]


def test_values_that_vanish_are_left_to_the_plain_kernel() -> None:
    tiny = csr_array(np.array([[1e-200, 1.0], [1.0, 1e-200]]))
    assert compiled.compiled_for(tiny, tiny) is None


def test_little_work_does_not_load_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "WORTH", 10)
    matrix = csr_array(np.ones((1, 3)))
    assert compiled.compiled_for(matrix, matrix) is None
    more = csr_array(np.ones((2, 3)))
    assert compiled.compiled_for(more, more) is not None


def test_its_rows_are_part_of_the_budget() -> None:
    matrix = interactions(np.random.default_rng(5), 40, 50, 0.1, weighed=False)
    with pytest.raises(InvalidInputError, match="memory_budget_mb"):
        top_sources(matrix, neighbors=5, budget=64 * matrix.nnz)


class TestItemKNN(RecommenderContract):
    recommender = ItemKNN()


class TestDecayed(RecommenderContract):
    recommender = ItemKNN(damping=0.5, decay_days=30.0)
