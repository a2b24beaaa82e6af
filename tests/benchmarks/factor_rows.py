"""From factors to what is published: the best hundred of every visitor and of every item, beside the bare products."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.kernels.factors import AT_ONCE, cosine_neighbors, listed_rows
from tests.benchmarks import Measurement, interleave
from tests.benchmarks._item_table import SEED, purchases

if TYPE_CHECKING:
    from collections.abc import Callable

VISITORS, ITEMS, PAIRS, FACTORS, LISTED, ROUNDS = 30_000, 40_000, 1_000_000, 64, 100, 3


def measure() -> Measurement:
    rng = np.random.default_rng(SEED)
    history = purchases(VISITORS, ITEMS, PAIRS)
    visitors, items = (rng.standard_normal((size, FACTORS), dtype=np.float32) for size in (VISITORS, ITEMS))

    def publish() -> None:
        listed_rows(visitors, items, history, LISTED)
        cosine_neighbors(items, LISTED)

    def multiply() -> None:
        size = AT_ONCE // ITEMS
        product = np.empty((size, ITEMS), np.float32)
        for rows in (visitors, items):
            for start in range(0, len(rows), size):
                block = rows[start : start + size]
                np.matmul(block, items.T, out=product[: len(block)])

    ours, reference = interleave(lambda: seconds(publish), lambda: seconds(multiply), rounds=ROUNDS)
    work = 2 * FACTORS * ITEMS * (VISITORS + ITEMS) / 1e9
    return Measurement(
        ours,
        reference,
        "s of processor",
        f"rows of {VISITORS:,} visitors and {ITEMS:,} items by {FACTORS} factors, {LISTED} each, seed {SEED}: "
        f"{work / ours:.0f} GFLOP/s beside {work / reference:.0f} of the products alone; medians of {ROUNDS}",
    )


def seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
