"""Interactions that tests of recommenders share."""

import numpy as np

from personalization.engine.interactions import Interactions

DAY = 86_400_000_000


def random_interactions(
    *, n_visitors: int = 300, n_items: int = 200, n: int = 6_000, seed: int = 1
) -> Interactions:
    """Some items are taken much more often than others; pairs repeat."""
    rng = np.random.default_rng(seed)
    return Interactions(
        rng.integers(n_visitors, size=n, dtype=np.int32),
        np.minimum(rng.exponential(n_items / 5, size=n), n_items - 1).astype(np.int32),
        rng.uniform(0.5, 3, size=n).astype(np.float32),
        n_visitors,
        n_items,
        times=rng.integers(100 * DAY, size=n),
    )


def rated(table: list[list[float | None]]) -> Interactions:
    """Ratings from one row for each visitor; None: not rated."""
    entries = [
        (visitor, item, rating)
        for visitor, row in enumerate(table)
        for item, rating in enumerate(row)
        if rating is not None
    ]
    visitors, items, ratings = zip(*entries, strict=True)
    return Interactions(
        np.array(visitors, np.int32),
        np.array(items, np.int32),
        np.array(ratings, np.float32),
        len(table),
        len(table[0]),
    )


def random_ratings(
    *, n_visitors: int = 60, n_items: int = 25, share: float = 0.4, seed: int = 3
) -> Interactions:
    """Ratings of 1 to 5, each pair once, some pairs none."""
    rng = np.random.default_rng(seed)
    visitors, items = np.nonzero(rng.random((n_visitors, n_items)) < share)
    ratings = rng.integers(1, 6, size=len(visitors)).astype(np.float32)
    return Interactions(visitors.astype(np.int32), items.astype(np.int32), ratings, n_visitors, n_items)


def shuffled(interactions: Interactions, *, seed: int = 5) -> Interactions:
    """The same rows in another order."""
    order = np.random.default_rng(seed).permutation(len(interactions))
    return Interactions(
        interactions.visitors[order],
        interactions.items[order],
        interactions.weights[order],
        interactions.n_visitors,
        interactions.n_items,
        times=None if interactions.times is None else interactions.times[order],
    )


def dense(interactions: Interactions) -> np.ndarray:
    """1 where a visitor has an item: float64 (n_visitors, n_items)."""
    table = np.zeros((interactions.n_visitors, interactions.n_items))
    table[interactions.visitors, interactions.items] = 1
    return table
