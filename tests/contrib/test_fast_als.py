"""The compiled sweeps find the factors of the plain ones, as closely as float32 can."""

from __future__ import annotations

import numpy as np
import pytest

from personalization.engine.kernels import compiled
from personalization.engine.recommenders.als import ImplicitALS
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.testing.recommenders import RecommenderContract
from tests.contrib.wanted import wanted
from tests.engine.recommenders.data import random_interactions

if not wanted("numba", "fast"):
    pytest.skip("needs the extra [fast]", allow_module_level=True)


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to do."""
    monkeypatch.setattr(compiled, "WORTH_SWEEP", 0)


class TestCompiledALS(RecommenderContract):
    recommender = ImplicitALS()


@pytest.mark.parametrize("factors", [1, 6, 16, 37])
@pytest.mark.parametrize("scaling", [0.0, 1.0])
def test_the_factors_are_the_same(monkeypatch: pytest.MonkeyPatch, factors: int, scaling: float) -> None:
    pairs = pair_matrix(random_interactions(n_visitors=130, n_items=90, n=2_000), binary=False)
    recommender = ImplicitALS(factors=factors, iterations=4, regularization=2.0, scaling=scaling)
    found = recommender.factorize(pairs)
    monkeypatch.setattr(compiled, "WORTH_SWEEP", 1 << 62)
    expected = recommender.factorize(pairs)
    for ours, plain in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, plain, rtol=0, atol=2e-3)
    np.testing.assert_allclose(found[0] @ found[1].T, expected[0] @ expected[1].T, rtol=0, atol=1e-3)


def test_it_is_used_from_some_size_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "WORTH_SWEEP", 1_000)
    assert compiled.compiled_als(999) is None
    assert compiled.compiled_als(1_000) is not None
