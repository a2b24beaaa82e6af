from dataclasses import replace

import numpy as np

from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.learning.quality import measure

DAY = 86_400_000_000


def fans(count):
    """Everybody has items 0 and 1 early; those with an odd number take 2 late, the others 3."""
    visitors = np.repeat(np.arange(count), 3)
    items = np.stack([np.zeros(count), np.ones(count), 2 + np.arange(count) % 2], axis=1).ravel()
    days = np.tile([0, 1, 99], count)
    leaders = [(count, 0, 0), (count, 2, 1), (count + 1, 1, 0), (count + 1, 3, 1)]  # 2 and 3 are known early
    more = np.array(leaders).T
    return Interactions(
        visitors=np.concatenate([visitors, more[0]]).astype(np.int32),
        items=np.concatenate([items, more[1]]).astype(np.int32),
        weights=np.ones(3 * count + 4, np.float32),
        times=np.concatenate([days, more[2]]).astype(np.int64) * DAY,
        n_visitors=count + 2,
        n_items=4,
    )


def test_what_was_taken_up_later_is_found():
    metrics = measure(ItemKNN(), fans(30))
    assert metrics["visitors"] == 30
    assert metrics["recall@10"] == metrics["popularity"]["recall@10"] == 1.0


def test_too_little_is_no_measure():
    few = fans(10)
    assert "20 are needed" in measure(ItemKNN(), few)["skipped"]
    assert "skipped" in measure(ItemKNN(), few.take(np.zeros(len(few), np.bool_)))


def test_without_days_to_cut_at_what_is_held_back_is_drawn():
    shop = fans(60)
    for times in (None, np.full(len(shop), DAY)):
        metrics = measure(ItemKNN(), replace(shop, times=times))
        assert metrics["visitors"] >= 20
        assert metrics["popularity"]["recall@10"] == 1.0
