"""The search finds what is planted, and stays where nothing is to be gained."""

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.evaluation import Task, temporal_split
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY
from tests.tuning.shop_blend import Windows, search


@pytest.fixture
def windows():
    """Everybody takes old items for 80 days, and after that only the newest, of which a few were sold before."""
    rng = np.random.default_rng(4)
    entries = [(v, int(rng.integers(20)), int(rng.integers(80))) for v in range(60) for _ in range(6)]
    entries += [(v, 20 + v % 4, 78) for v in range(8)]
    entries += [(v, 20 + int(rng.integers(4)), 85) for v in range(8, 60)]
    interactions = make_interactions(
        [(visitor, item) for visitor, item, _ in entries],
        n_visitors=60,
        n_items=24,
        times=[day * DAY for *_, day in entries],
    )
    listed = np.array([0] * 20 + [77 * DAY] * 4)
    described = interactions.take(
        np.arange(len(interactions)), catalog=Catalog(titles=("",) * 24, listed_at=listed)
    )
    return Windows([temporal_split(described, at=80 * DAY)])


def test_the_value_that_is_right_is_taken(windows, capsys):
    start = ShopBlend(freshness_share=0.0, trend_share=0.0)
    won = search(windows, start, Task.NEW, {"freshness_share": (0.0, 3.0), "month_share": (0.3, 0.5)})
    assert won.freshness_share == 3.0
    assert won.month_share == start.month_share
    assert "**`freshness_share=3.0`** taken" in capsys.readouterr().out


def test_what_gains_nothing_is_left_as_it_is(windows):
    start = ShopBlend()
    assert search(windows, start, Task.NEW, {"week_share": (0.1, 0.4, 0.9)}) == start
