"""Rows brought up to date are those of a whole fit."""

from __future__ import annotations

import numpy as np
import pytest

from personalization.engine.interactions import Interactions
from personalization.engine.kernels.item_update import EarlierRows
from personalization.engine.recommenders.item_knn import ItemKNN

NOBODY = np.empty(0, np.int32)


def world(pairs: list[tuple[int, int]], *, n_items: int = 6, n_visitors: int = 5) -> Interactions:
    visitors, items = np.array(sorted(pairs), np.int32).T
    return Interactions(visitors.copy(), items.copy(), np.ones(len(items), np.float32), n_visitors, n_items)


BEFORE = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 4), (3, 5), (4, 4)]


def prints(knn: ItemKNN, told: Interactions, first: int = 0) -> np.ndarray:
    found = knn.column_prints(told, np.arange(first, first + told.n_visitors, dtype=np.int64))
    assert found is not None
    return found


def test_only_the_columns_that_changed_have_other_prints() -> None:
    knn = ItemKNN()
    before, after = prints(knn, world(BEFORE)), prints(knn, world([*BEFORE, (4, 5)]))
    assert np.flatnonzero(before != after).tolist() == [5]
    assert len(set(before.tolist())) == 4  # 0 and 1 have the same visitors, and so have 2 and 3


def test_damping_makes_all_columns_of_a_visitor_change() -> None:
    knn = ItemKNN(damping=0.5)
    before, after = prints(knn, world(BEFORE)), prints(knn, world([*BEFORE, (2, 5)]))
    assert np.flatnonzero(before != after).tolist() == [2, 3, 5]


def test_other_visitors_of_the_same_rows_have_other_prints() -> None:
    assert (prints(ItemKNN(), world(BEFORE)) != prints(ItemKNN(), world(BEFORE), first=7)).all()


@pytest.mark.parametrize("similarity", ["lift", "log-likelihood", "pearson", "adjusted-cosine"])
def test_what_looks_at_more_than_two_columns_has_no_prints(similarity: str) -> None:
    knn = ItemKNN(similarity=similarity, binary=similarity not in ("pearson", "adjusted-cosine"))
    assert knn.column_prints(world(BEFORE), np.arange(5)) is None


def earlier(knn: ItemKNN, told: Interactions) -> EarlierRows:
    table = knn.fit(told).tables().neighbors
    assert table is not None
    return EarlierRows(table.indptr, table.indices, NOBODY)


def touch(*items: int) -> np.ndarray:
    return np.isin(np.arange(6), items)


def test_rows_of_a_group_that_changed_are_compared_again() -> None:
    """Item 5 gets the visitor of item 4 that it lacked: 1 · 2 / √(1 · 2) becomes 1, and no other row is touched."""
    knn = ItemKNN()
    found = knn.update(world([*BEFORE, (4, 5)]), touch(5), earlier(knn, world(BEFORE)))
    assert found is not None
    assert found.neighbor_rows.tolist() == found.weight_rows.tolist() == [4, 5]
    assert (found.neighbors.indices.tolist(), found.neighbors.values.tolist()) == ([5, 4], [1, 1])
    assert (found.weights.indices.tolist(), found.weights.values.tolist()) == ([5, 4], [1, 1])


def test_a_target_that_shares_nobody_any_more_forgets_the_source() -> None:
    knn = ItemKNN()
    without = [pair for pair in BEFORE if pair != (2, 3)]
    found = knn.update(world(without), touch(3), earlier(knn, world(BEFORE)))
    assert found is not None
    assert found.neighbor_rows.tolist() == found.weight_rows.tolist() == [2, 3]
    assert found.neighbors.indptr.tolist() == found.weights.indptr.tolist() == [0, 0, 0]


def test_where_most_rows_may_differ_there_is_no_update() -> None:
    knn = ItemKNN()
    joined = [*BEFORE, (0, 2), (0, 4)]
    assert knn.update(world(joined), touch(2, 4), earlier(knn, world(BEFORE))) is None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [512, 0.2])
def test_values_of_rows_that_stand_are_exact(seed: int, budget: float) -> None:
    """A chain of items: what changes at one end leaves the other alone, and the middle is packed with both."""
    rng = np.random.default_rng(seed)
    knn = ItemKNN(neighbors=4, damping=0.2 * (seed % 2), memory_budget_mb=budget)
    before = sorted(
        {(who, (who + int(step)) // 2 % 40) for who in range(80) for step in rng.integers(0, 6, 4)}
    )
    after = sorted({*before, (3, 2), (4, 1)} - {before[0]})
    shape = {"n_items": 40, "n_visitors": 80}
    old, new = world(before, **shape), world(after, **shape)
    found = knn.update(new, prints(knn, old) != prints(knn, new), earlier(knn, old))
    assert found is not None
    whole = knn.fit(new).tables()
    for rows, part, table in (
        (found.neighbor_rows, found.neighbors, whole.neighbors),
        (found.weight_rows, found.weights, whole.weights),
    ):
        assert table is not None
        assert 0 < len(rows) < 40
        for place, row in enumerate(rows.tolist()):
            assert part.row(place)[0].tolist() == table.row(row)[0].tolist()
            assert part.row(place)[1].tolist() == table.row(row)[1].tolist()
