"""Sixty-four factors of a million pairs by alternating least squares: ours beside `implicit`.

Both get the same matrix, take fifteen turns of three steps each in float32 with the same confidences, and must find as
much of what was held back.
"""

from __future__ import annotations

import statistics
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from personalization.engine.recommenders.als import ImplicitALS
from tests.benchmarks import Measurement, MissingRequirementError
from tests.benchmarks._item_table import SEED, purchases

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Factors: TypeAlias = tuple[np.ndarray, np.ndarray]

VISITORS, ITEMS, PAIRS, THREADS, ROUNDS = 30_000, 40_000, 1_000_000, 2, 3
FACTORS, ITERATIONS, ALPHA, REGULARIZATION = 64, 15, 3.0, 10.0
HELD_BACK, LISTED, TOLERANCE, EVERY = 0.1, 20, 0.99, 4
OURS: Final = ImplicitALS(
    factors=FACTORS, iterations=ITERATIONS, alpha=ALPHA, regularization=REGULARIZATION, seed=SEED
)


def measure() -> Measurement:
    for package in ("numba", "implicit", "threadpoolctl"):
        if find_spec(package) is None:
            raise MissingRequirementError(f"{package} is not installed: pip install -e '.[fast,benchmarks]'")
    import numba

    numba.set_num_threads(THREADS)
    matrix = purchases(VISITORS, ITEMS, PAIRS)
    train, test = held_back(matrix)
    recalls = {name: recall(way(train), train, test) for name, way in WAYS.items()}  # compiles, too
    if recalls["ours"] < TOLERANCE * recalls["implicit"]:
        raise AssertionError(f"not the same work: {recalls}")
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            costs[name].append(timed(way, matrix))
    wall = {name: statistics.median(seconds for seconds, _ in taken) for name, taken in costs.items()}
    cpu = {name: statistics.median(seconds for _, seconds in taken) for name, taken in costs.items()}
    return Measurement(
        wall["ours"],
        wall["implicit"],
        "s wall",
        f"{FACTORS} factors, {ITERATIONS} iterations, {PAIRS:,} pairs of {VISITORS:,} visitors and {ITEMS:,} items, seed "
        f"{SEED}, {THREADS} threads; CPU seconds {cpu['ours']:.3g} and {cpu['implicit']:.3g}; Recall@{LISTED} of a tenth "
        f"held back {recalls['ours']:.4f} and {recalls['implicit']:.4f}; medians of {ROUNDS}",
    )


def ours(matrix: csr_array) -> Factors:
    return OURS.factorize(matrix)


def by_implicit(matrix: csr_array) -> Factors:
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    parts = (matrix.data.astype(np.float32), matrix.indices, matrix.indptr)
    with threadpool_limits(1, "blas"):  # as it asks for: it calls BLAS for each row from threads of its own
        model = AlternatingLeastSquares(
            factors=FACTORS,
            iterations=ITERATIONS,
            alpha=1 + ALPHA,  # its confidence is alpha · value, where ours is 1 + alpha · value
            regularization=REGULARIZATION,
            num_threads=THREADS,
            random_state=SEED,
        )
        model.fit(csr_matrix(parts, matrix.shape), show_progress=False)
    return model.user_factors, model.item_factors


WAYS: Final[dict[str, Callable[[csr_array], Factors]]] = {"ours": ours, "implicit": by_implicit}


def timed(way: Callable[[csr_array], Factors], matrix: csr_array) -> tuple[float, float]:
    """Seconds of wall clock, and of all processors."""
    started, used = time.perf_counter(), time.process_time()
    way(matrix)
    return time.perf_counter() - started, time.process_time() - used


def held_back(matrix: csr_array) -> tuple[csr_array, csr_array]:
    """(nine tenths of the pairs, the others)"""
    chosen = np.random.default_rng(SEED).random(matrix.nnz) < HELD_BACK
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    parts = [
        csr_array((matrix.data[part], (rows[part], matrix.indices[part])), shape=matrix.shape)
        for part in (~chosen, chosen)
    ]
    return parts[0], parts[1]


def recall(factors: Factors, train: csr_array, test: csr_array) -> float:
    """The mean share of a visitor's held back items among the best that are new to it; of every fourth visitor."""
    visitors, items = factors
    shares: list[np.ndarray] = []
    for rows in np.array_split(np.arange(0, train.shape[0], EVERY), 10):
        scores = visitors[rows] @ items.T
        scores[train[rows].nonzero()] = -np.inf
        best = np.argpartition(scores, -LISTED, axis=1)[:, -LISTED:]
        wanted = test[rows].toarray()
        found, counts = np.take_along_axis(wanted, best, axis=1).sum(axis=1), wanted.sum(axis=1)
        shares.append(found[counts > 0] / counts[counts > 0])
    return float(np.concatenate(shares).mean())
