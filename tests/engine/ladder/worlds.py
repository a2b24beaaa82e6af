"""Small worlds in which it is known which recommender is best."""

import numpy as np

from personalization.engine.interactions import Interactions

DAY = 86_400_000_000
VISITORS, ITEMS, GROUPS = 120, 60, 6


def tastes(*, times=True, seed=5):
    """Everybody takes items of an own group, a few a day for 50 days, and nothing twice: likeness tells, popularity does not."""
    rng = np.random.default_rng(seed)
    visitors, items, days = [], [], []
    for visitor in range(VISITORS):
        own = rng.permutation(np.arange(visitor % GROUPS, ITEMS, GROUPS))[:8]
        visitors += [visitor] * len(own)
        items += own.tolist()
        days += np.sort(rng.uniform(0, 50, len(own))).tolist()
    return made(visitors, items, days if times else None)


def fashions(*, seed=5):
    """Everybody takes what is new in the shop that week, whatever it took before: only recent popularity tells."""
    rng = np.random.default_rng(seed)
    visitors, items, days = [], [], []
    for visitor in range(VISITORS):
        for week in range(10):
            for item in rng.choice(6, 3, replace=False):
                visitors.append(visitor)
                items.append((5 * week + int(item)) % ITEMS)
                days.append(7 * week + rng.uniform(0, 7))
    return made(visitors, items, days)


def habits(*, seed=5):
    """Everybody buys the own three items again and again."""
    rng = np.random.default_rng(seed)
    visitors, items, days = [], [], []
    for visitor in range(VISITORS):
        for item in rng.choice(ITEMS, 3, replace=False):
            for day in range(0, 60, 10):
                visitors.append(visitor)
                items.append(int(item))
                days.append(day + rng.uniform(0, 3))
        extra = int(rng.integers(ITEMS))
        visitors.append(visitor)
        items.append(extra)
        days.append(55.0)
    return made(visitors, items, days)


def made(visitors, items, days):
    return Interactions(
        np.array(visitors, np.int32),
        np.array(items, np.int32),
        np.ones(len(items), np.float32),
        VISITORS,
        ITEMS,
        times=None if days is None else (np.array(days) * DAY).astype(np.int64),
    )
