"""The exact cosine table of purchases that follow known laws, by us and by the fastest libraries for it.

Everybody gets the same binary matrix, normalizes it, multiplies it with itself and keeps the largest of each row. Ours is
sorted and leaves out the item itself; the libraries are asked for one more, which is the item itself.
"""

from __future__ import annotations

import statistics
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from personalization.engine.kernels.item_kernel import top_sources
from tests.benchmarks import Measurement, MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Callable

SEED, NEIGHBORS, THREADS, ROUNDS = 1, 100, 2, 3
BUDGET = 4 << 30


def purchases(visitors: int, items: int, pairs: int) -> csr_array:
    """Distinct pairs: visitors with log-normal activity (sigma 1.2, at most 1,000 items), items by Zipf's law."""
    rng = np.random.default_rng(SEED)
    activity = rng.lognormal(0, 1.2, visitors)
    for _ in range(20):
        activity = np.minimum(activity * pairs / activity.sum(), 1000)
    chance = np.cumsum(1 / np.arange(1, items + 1))
    keys = np.empty(0, np.int64)
    while len(keys) < pairs:
        count = int((pairs - len(keys)) * 1.3) + 100
        who = rng.choice(visitors, count, p=activity / activity.sum())
        what = np.searchsorted(chance, rng.random(count) * chance[-1])
        keys = np.unique(np.concatenate([keys, who * items + what]))
    rows, columns = np.divmod(np.sort(rng.choice(keys, pairs, replace=False)), items)
    columns = rng.permutation(items)[columns]
    places = rows.astype(np.int32), columns.astype(np.int32)
    return csr_array((np.ones(pairs), places), shape=(visitors, items))


def measure(visitors: int, items: int, pairs: int) -> Measurement:
    for package in ("numba", "sparse_dot_topn", "implicit"):
        if find_spec(package) is None:
            raise MissingRequirementError(f"{package} is not installed: pip install -e '.[fast,benchmarks]'")
    import numba

    numba.set_num_threads(THREADS)
    matrix = purchases(visitors, items, pairs)
    ways = {"ours": ours, "sparse_dot_topn": by_sparse_dot_topn, "implicit": by_implicit}
    ours(matrix)  # compiled, once and for all
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    sums: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken, sums[name] = timed(way, matrix)
            seconds[name].append(taken)
    if not np.allclose(list(sums.values()), sums["ours"], rtol=1e-5):
        raise AssertionError(f"the tables differ: {sums}")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    return Measurement(
        medians["ours"],
        min(medians["sparse_dot_topn"], medians["implicit"]),
        unit="s wall",
        workload=f"top {NEIGHBORS} of {items:,} items, {pairs:,} pairs of {visitors:,} visitors, seed {SEED}, {THREADS} "
        f"threads, checksum {sums['ours']:.1f}; medians of {ROUNDS}: "
        + ", ".join(f"{name} {median:.3g}" for name, median in medians.items()),
    )


def timed(way: Callable[[csr_array], float], matrix: csr_array) -> tuple[float, float]:
    started = time.perf_counter()
    checksum = way(matrix)
    return time.perf_counter() - started, checksum


def ours(matrix: csr_array) -> float:
    return float(top_sources(matrix, neighbors=NEIGHBORS, budget=BUDGET).values.sum(dtype=np.float64))


def by_sparse_dot_topn(matrix: csr_array) -> float:
    from sparse_dot_topn import sp_matmul_topn

    unit = normalized(matrix, np.float32)
    table = sp_matmul_topn(unit.T.tocsr(), unit, top_n=NEIGHBORS + 1, n_threads=THREADS, sort=True)
    return without_itself(table, unit)


def by_implicit(matrix: csr_array) -> float:
    from implicit.nearest_neighbours import all_pairs_knn

    unit = normalized(matrix, np.float64)
    table = all_pairs_knn(unit, NEIGHBORS + 1, show_progress=False, num_threads=THREADS)
    return without_itself(table.tocsr(), unit)


def normalized(matrix: csr_array, dtype: type) -> csr_matrix:
    norms = np.sqrt(np.maximum(np.bincount(matrix.indices, minlength=matrix.shape[1]), 1))
    values = (1 / norms)[matrix.indices].astype(dtype)
    return csr_matrix((values, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)), matrix.shape)


def without_itself(table: csr_matrix, unit: csr_matrix) -> float:
    """The sum of the table, less the likeness of 1 of each item that anybody has with itself."""
    return float(table.data.sum(dtype=np.float64)) - len(np.unique(unit.indices))
