"""How much memory learning takes above its interactions, beside the budget that it was given.

Every recommender learns in a process of its own, under each of some budgets, from the pairs of ``table-1m`` and a
catalog made up for their items; one that refuses a budget says what it needs.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.kernels import compiled
from personalization.engine.memory import peak_rss_mb
from personalization.engine.recommenders.als import ImplicitALS
from personalization.engine.recommenders.bpr import BPR
from personalization.engine.recommenders.content_based import ContentBased
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.graph_filter import GraphFilter
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pure_svd import PureSVD
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.user_knn import UserKNN
from tests.benchmarks import Measurement
from tests.benchmarks._fresh import in_fresh_process
from tests.benchmarks._item_table import SEED, purchases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.recommenders.base import Recommender

VISITORS, ITEMS, PAIRS = 30_000, 40_000, 1_000_000
BUDGETS_MB: Final = (128, 256, 512)
#: EASE compares all items with all: it gets so many of them.
EASE_ITEMS: Final = 8_000
WORDS, DAY = 5_000, 86_400_000_000


def made(budget: float) -> dict[str, Recommender]:
    return {
        "ItemKNN": ItemKNN(neighbors=100, memory_budget_mb=budget),
        "ItemKNN shrunk": ItemKNN(neighbors=100, shrinkage=10.0, memory_budget_mb=budget),
        "ItemKNN lift": ItemKNN(similarity="lift", memory_budget_mb=budget),
        "ItemKNN log-likelihood": ItemKNN(similarity="log-likelihood", memory_budget_mb=budget),
        "RecencyBlend": RecencyBlend(neighbors=100, memory_budget_mb=budget),
        "RP3beta": RP3beta(memory_budget_mb=budget),
        "EASE": EASE(memory_budget_mb=budget),
        "GraphFilter": GraphFilter(memory_budget_mb=budget),
        "PureSVD": PureSVD(memory_budget_mb=budget),
        "UserKNN": UserKNN(memory_budget_mb=budget),
        "ContentBased": ContentBased(memory_budget_mb=budget),
        "ImplicitALS": ImplicitALS(factors=64, iterations=1, memory_budget_mb=budget),
        "BPR": BPR(epochs=1, memory_budget_mb=budget),
    }


def measure() -> Measurement:
    """The largest share of its budget that any of them took."""
    shares: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for items in (ITEMS, EASE_ITEMS):
            in_fresh_process(write, Path(folder), VISITORS, items, PAIRS)
        for name, plain, budget in product(made(1), (False, True), BUDGETS_MB):
            taken = in_fresh_process(above, Path(folder), name, budget, plain)
            how = f"{name} with {budget} MB, {'without' if plain else 'with'} compiled kernels"
            print(f"  {how}: {taken if isinstance(taken, str) else f'{taken:.0f} MB'}", file=sys.stderr)
            if not isinstance(taken, str):
                shares[how] = taken / budget
    worst = max(shares, key=lambda name: shares[name])
    return Measurement(
        shares[worst],
        1,
        "of the budget",
        f"{PAIRS:,} pairs of {VISITORS:,} visitors and {ITEMS:,} items ({EASE_ITEMS:,} for EASE), seed {SEED}; peak of a "
        f"process of its own above what it held with the interactions; worst of {len(shares)}: {worst}",
    )


def write(folder: Path, visitors: int, items: int, pairs: int) -> None:
    matrix = purchases(visitors, items, pairs)
    rows = np.repeat(np.arange(visitors, dtype=np.int32), np.diff(matrix.indptr))
    np.save(folder / f"{items}.npy", np.vstack([rows, matrix.indices]))


def above(folder: Path, name: str, budget: int, plain: bool) -> float | str:
    """MB above the interactions, or why it refuses."""
    recommender = made(budget)[name]
    warm(made(1_024)[name], plain=plain)
    items = EASE_ITEMS if name == "EASE" else ITEMS
    pairs = np.load(folder / f"{items}.npy")
    interactions = shop(pairs, VISITORS, items)
    before = peak_rss_mb()
    try:
        recommender.fit(interactions)
    except InvalidInputError as refusal:
        return str(refusal)
    return peak_rss_mb() - before


def warm(recommender: Recommender, *, plain: bool) -> None:
    """Load and compile what learning will need: that is no part of any budget."""
    if plain:
        compiled.compiled = compiled.compiled_als = lambda *_: None  # type: ignore[assignment]
    worth, compiled.WORTH, compiled.WORTH_SWEEP = (compiled.WORTH, compiled.WORTH_SWEEP), 0, 0  # type: ignore[misc]
    pairs = np.random.default_rng(SEED).integers(0, 200, (2, 3_000), dtype=np.int32)
    recommender.fit(shop(pairs, 200, 200))
    compiled.WORTH, compiled.WORTH_SWEEP = worth  # type: ignore[misc]


def shop(pairs: NDArray[np.int32], visitors: int, items: int) -> Interactions:
    rng, n = np.random.default_rng(SEED), pairs.shape[1]
    words = rng.zipf(1.3, (items, 6)) % WORDS
    return Interactions(
        *pairs,
        np.ones(n, np.float32),
        visitors,
        items,
        times=rng.integers(0, 365, n) * DAY,
        catalog=Catalog(titles=tuple(" ".join(f"word{word}" for word in row) for row in words.tolist())),
    )
