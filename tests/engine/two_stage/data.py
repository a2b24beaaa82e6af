"""Small shops that tests of the two stages share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from personalization.engine.catalog import Catalog
from personalization.engine.interactions import Interactions

DAY = 86_400_000_000


def entries(
    rows: list[tuple[int, int, float]], *, n_visitors: int, n_items: int, **known: Any
) -> Interactions:
    """Entries from (visitor row, item row, day); ``known``: what else is known, lists become arrays."""
    visitors, items, days = (np.array(column) for column in zip(*rows, strict=True))
    kinds = {"quantities": np.float32, "prices": np.float32, "orders": np.int64, "kinds": np.int16}
    return Interactions(
        visitors.astype(np.int32),
        items.astype(np.int32),
        np.ones(len(rows), np.float32),
        n_visitors,
        n_items,
        times=(days * DAY).astype(np.int64),
        **{name: np.array(value, kinds[name]) if name in kinds else value for name, value in known.items()},
    )


def ring(*, visitors: int = 150, items: int = 60, weeks: int = 12, seed: int = 3) -> Interactions:
    """Every week a visitor takes the next item of a ring, from a start of its own, and its staple again.

    The staples are the items after the ring, a quarter as many. What a visitor takes next, of all and of what is new, is
    known by construction: `staple_of` and `next_of`.
    """
    starts = np.random.default_rng(seed).integers(items, size=visitors)
    rows = [
        (visitor, item, 7.0 * week)
        for visitor in range(visitors)
        for week in range(weeks)
        for item in (int((starts[visitor] + week) % items), items + visitor % (items // 4))
    ]
    n_items = items + items // 4
    taken = entries(rows, n_visitors=visitors, n_items=n_items)
    catalog = Catalog(tuple(f"thing {item}" for item in range(n_items)))
    return replace(taken, as_of=7 * weeks * DAY, catalog=catalog)


def next_of(shop: Interactions, visitor: int, *, items: int = 60) -> int:
    """The item of the ring that comes after the last one that a visitor took."""
    assert shop.times is not None
    own = (shop.visitors == visitor) & (shop.items < items)
    return int(shop.items[own][np.argmax(shop.times[own])] + 1) % items


def staple_of(visitor: int, *, items: int = 60) -> int:
    return items + visitor % (items // 4)


def rich(
    *, n: int = 3_000, visitors: int = 80, items: int = 50, days: float = 100, seed: int = 1
) -> Interactions:
    """Random entries of which everything is known."""
    rng = np.random.default_rng(seed)
    prices = rng.uniform(1, 20, items).round(2)
    chosen = np.minimum(rng.exponential(items / 5, n), items - 1).astype(np.int32)
    who = rng.integers(visitors, size=n, dtype=np.int32)
    day = np.floor(rng.uniform(0, days, n))
    return Interactions(
        who,
        chosen,
        np.ones(n, np.float32),
        visitors,
        items,
        times=((day + who / 1000) * DAY).astype(np.int64),
        as_of=int(days * DAY),
        quantities=rng.integers(1, 20, n).astype(np.float32),
        prices=prices[chosen].astype(np.float32),
        orders=(who * 1_000 + day).astype(np.int64),
        catalog=Catalog(
            tuple(f"{('red', 'blue', 'green')[item % 3]} thing {item % 7}" for item in range(items)),
            categories=tuple(f"c{item % 4}" for item in range(items)),
        ),
    )
