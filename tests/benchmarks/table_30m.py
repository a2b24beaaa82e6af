"""The table of a shop with 200,000 items and thirty million pairs: how much memory all of the process takes.

The pairs are made in another process, the way they are made for the smaller tables.
"""

from __future__ import annotations

import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from personalization.engine.interactions import Interactions
from personalization.engine.memory import peak_rss_mb
from personalization.engine.recommenders.item_knn import ItemKNN
from tests.benchmarks import Measurement, MissingRequirementError
from tests.benchmarks._fresh import in_fresh_process
from tests.benchmarks._item_table import NEIGHBORS, SEED, THREADS, purchases

VISITORS, ITEMS, PAIRS = 1_000_000, 200_000, 30_000_000
LIMIT_GB, BUDGET_MB = 1.5, 1_000
MEGABYTE, GIGABYTE = 1 << 20, 10**9


def measure() -> Measurement:
    if find_spec("numba") is None:
        raise MissingRequirementError("numba is not installed: pip install -e '.[fast]'")
    with tempfile.TemporaryDirectory() as folder:
        in_fresh_process(write, Path(folder), VISITORS, ITEMS, PAIRS)
        loaded, peak, seconds, entries = in_fresh_process(learn, Path(folder), VISITORS, ITEMS)
    return Measurement(
        peak,
        LIMIT_GB,
        "GB",
        f"peak of the whole process, {loaded:.2f} GB of it with the interactions in memory; both tables of {NEIGHBORS} "
        f"neighbors, {entries:,} entries each, {PAIRS:,} pairs of {VISITORS:,} visitors and {ITEMS:,} items, seed {SEED}, "
        f"memory_budget_mb {BUDGET_MB}, {seconds:.1f} s with {THREADS} threads",
    )


def write(folder: Path, visitors: int, items: int, pairs: int) -> None:
    matrix = purchases(visitors, items, pairs)
    np.save(folder / "visitors.npy", np.repeat(np.arange(visitors, dtype=np.int32), np.diff(matrix.indptr)))
    np.save(folder / "items.npy", matrix.indices)


def learn(folder: Path, visitors: int, items: int) -> tuple[float, float, float, int]:
    """(GB before, GB at the peak, seconds, entries of a table)"""
    import numba

    numba.set_num_threads(THREADS)
    rows = np.load(folder / "visitors.npy")
    interactions = Interactions(
        rows, np.load(folder / "items.npy"), np.ones(len(rows), np.float32), visitors, items
    )
    loaded, started = _peak_gb(), time.perf_counter()
    tables = ItemKNN(neighbors=NEIGHBORS, memory_budget_mb=BUDGET_MB).fit(interactions).tables()
    seconds = time.perf_counter() - started
    assert tables.weights is not None
    return loaded, _peak_gb(), seconds, len(tables.weights.values)


def _peak_gb() -> float:
    return peak_rss_mb() * MEGABYTE / GIGABYTE
