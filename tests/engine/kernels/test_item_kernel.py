"""A part of the targets gets the rows of the whole table, to the last bit."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from personalization.engine.kernels.item_kernel import top_products
from personalization.engine.recommenders.item_knn import ItemKNN

BUDGET = 1 << 26


def ratings(seed: int = 3) -> csr_array:
    rng = np.random.default_rng(seed)
    return csr_array((rng.random((60, 40)) < 0.2) * rng.integers(1, 6, (60, 40)).astype(np.float64))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shrinkage": 3.0},
        {"similarity": "dot"},
        {"similarity": "log-likelihood"},
        {"similarity": "adjusted-cosine", "binary": False},
        {"similarity": "pearson", "binary": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("part", [(0, 40), (0, 1), (13, 29), (39, 40), (7, 7)])
def test_a_part_is_a_part_of_the_whole(options, part):
    pairs = ratings()
    if options.get("binary", True):
        pairs.data[:] = 1.0
    recommender = ItemKNN(neighbors=5, **options)
    whole, found = recommender.compare(pairs), recommender.compare(pairs, part)
    assert len(found) == part[1] - part[0]
    for row in range(*part):
        for left, right in zip(whole.row(row), found.row(row - part[0]), strict=True):
            np.testing.assert_array_equal(left, right)
    assert len(whole.values) > 50


def test_a_part_needs_the_memory_of_its_own_rows_only():
    wide = csr_array(np.ones((2, 3_000)))
    table = top_products(wide, wide, neighbors=100, budget=2_000_000, part=(0, 10))
    assert np.diff(table.indptr).tolist() == [100] * 10
    with pytest.raises(ValueError, match="memory_budget_mb"):
        top_products(wide, wide, neighbors=100, budget=2_000_000)
