"""What learning takes above its interactions stays within the budget, and the refusal tells how much is enough."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels import compiled
from personalization.engine.recommenders.als import ImplicitALS
from personalization.engine.recommenders.bpr import BPR
from personalization.engine.recommenders.content_based import ContentBased
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.pure_svd import PureSVD
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.user_knn import UserKNN
from tests.engine.recommenders.data import random_interactions

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender

MEGABYTE, AMPLE = 1 << 20, 4_096
TOLERATED = 1.1
#: Their blocks grow with the budget.
BLOCKWISE = [
    ItemKNN(neighbors=20),
    ItemKNN(similarity="lift", neighbors=20),
    ItemKNN(similarity="log-likelihood", neighbors=20),
    ItemKNN(similarity="pearson", binary=False, neighbors=20),
    RecencyBlend(neighbors=20),
    RP3beta(neighbors=20),
    UserKNN(neighbors=20, list_length=20),
    ContentBased(neighbors=20),
]
#: They say what they need, and take that.
WHOLE = [EASE(), PureSVD(), ImplicitALS(factors=16, iterations=1), BPR(factors=16, epochs=1)]


def named(recommender: Any) -> str:
    return f"{type(recommender).__name__} {getattr(recommender, 'similarity', '')}".strip()


@cache
def shop() -> Interactions:
    """A matrix of all with all would take 27 MB."""
    interactions = random_interactions(n_visitors=500, n_items=1_500, n=50_000)
    titles = tuple(f"w{item % 7} w{item % 11} w{item % 13}" for item in range(1_500))
    return replace(interactions, catalog=Catalog(titles=titles))


@pytest.fixture(autouse=True)
def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a compiled kernel takes beside numpy is seen by nobody, and it needs less."""
    monkeypatch.setattr(compiled, "compiled", lambda: None)


def least(recommender: Any) -> float:
    """MB, by what it says itself."""
    with pytest.raises(InvalidInputError, match="memory_budget_mb") as refusal:
        replace(recommender, memory_budget_mb=0.01).fit(shop())
    told = re.search(r"about (\d+) MB|at least (\d+) MB", str(refusal.value))
    assert told is not None
    return float(told[1] or told[2])


def peak(recommender: Any, budget: float) -> float:
    """MB that numpy's arrays and Python's objects took at most at once."""
    interactions, made = shop(), replace(recommender, memory_budget_mb=budget)
    tracemalloc.start()
    try:
        made.fit(interactions)
        return tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("recommender", WHOLE, ids=named)
def test_what_it_says_it_needs_is_enough(recommender: Recommender) -> None:
    needed = least(recommender)
    assert peak(recommender, needed) <= needed * TOLERATED


@pytest.mark.parametrize("recommender", BLOCKWISE, ids=named)
def test_more_is_taken_only_where_the_budget_allows(recommender: Recommender) -> None:
    budget = least(recommender) + 2
    assert peak(recommender, budget) <= budget * TOLERATED
    assert peak(recommender, AMPLE) > 2 * budget, "blocks prove nothing"


def test_pairs_are_collapsed_in_little_more_than_they_take() -> None:
    n = 400_000
    interactions = random_interactions(n_visitors=20_000, n_items=2_000, n=n)
    interactions = replace(interactions, times=np.arange(n, dtype=np.int64))
    for options in ({}, {"binary": False}, {"decay_days": 30.0}):
        tracemalloc.start()
        try:
            pair_matrix(interactions, **options)  # type: ignore[arg-type]
            taken = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert taken < 36 * n
