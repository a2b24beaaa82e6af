"""Label windows inside training, and that what was known before one does not know what is in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.two_stage.features import Features
from personalization.engine.two_stage.pool import Pool
from personalization.engine.two_stage.sources import Source
from personalization.engine.two_stage.windows import Labeled, label_windows
from personalization.engine.types import Kind
from tests.engine.two_stage.data import DAY, entries, rich

SOURCES = (
    Source("alike", ItemKNN(), 10),
    Source("basket", ItemKNN(), 5, seeds="last basket", by_basket=True),
)


def test_history_is_before_the_window_and_labels_are_inside() -> None:
    shop = entries(
        [(0, 0, 0), (0, 1, 9.99), (0, 2, 10), (0, 2, 11), (1, 3, 12), (0, 3, 16)], n_visitors=2, n_items=4
    )
    (window,) = label_windows(replace(shop, as_of=20 * DAY), [(10, 5)])
    assert window.history.as_of == 10 * DAY
    assert window.history.owned.keys.tolist() == [0, 1]
    assert window.taken.tolist() == [2]  # visitor 1 has no history, day 16 is too late
    assert window.visitors.tolist() == [0]


def test_a_window_needs_a_history_half_as_long() -> None:
    shop = rich(days=100)
    assert [
        window.history.as_of // DAY for window in label_windows(shop, [(60, 60), (70, 70), (20, 20)])
    ] == [
        40,
        80,
    ]


def test_a_window_in_which_nobody_known_took_anything_is_left_out() -> None:
    shop = entries([(0, 0, 0), (1, 0, 15)], n_visitors=2, n_items=1)
    assert label_windows(replace(shop, as_of=20 * DAY), [(10, 10)]) == []


def test_without_times_or_entries_there_is_no_window() -> None:
    assert label_windows(replace(rich(), times=None), [(20, 20)]) == []
    assert label_windows(rich().take(np.zeros(3_000, np.bool_)), [(20, 20)]) == []


def test_purchases_are_the_labels_where_there_are_any() -> None:
    rows: list[tuple[int, int, float]] = [(0, 0, 0), (0, 1, 12), (0, 2, 12)]
    kinds = [Kind.VIEW, Kind.VIEW, Kind.PURCHASE]
    shop = replace(entries(rows, n_visitors=1, n_items=3, kinds=kinds), as_of=20 * DAY)
    assert label_windows(shop, [(10, 10)])[0].taken.tolist() == [2]
    viewed = replace(shop, kinds=np.full(3, Kind.VIEW, np.int16))
    assert label_windows(viewed, [(10, 10)])[0].taken.tolist() == [1, 2]


def features_before(shop: Interactions) -> tuple[Labeled, Features]:
    (window,) = label_windows(shop, [(40, 40)])
    pool = Pool(window.history, SOURCES, listed=3)
    (candidates,) = pool.candidates(np.arange(shop.n_visitors))
    return window, pool.features(candidates, repeats=True)


def test_what_happens_later_changes_labels_and_no_feature() -> None:
    shop = rich(days=100)
    assert shop.times is not None
    later = shop.times >= 60 * DAY
    assert later.any()
    rng = np.random.default_rng(8)
    items = np.where(later, rng.permutation(shop.items), shop.items)
    changed = replace(
        shop,
        items=items,
        quantities=np.where(later, 1_000, shop.quantities).astype(np.float32),
        prices=np.where(later, 99, shop.prices).astype(np.float32),
    )
    (window, features), (other_window, other) = features_before(shop), features_before(changed)
    assert features.names == other.names
    np.testing.assert_array_equal(features.values, other.values)
    assert not np.array_equal(window.taken, other_window.taken)
    without = features_before(shop.take(~later | (rng.random(len(shop)) < 0.5)))[1]
    np.testing.assert_array_equal(features.values, without.values)


def test_what_happened_before_does_change_them() -> None:
    shop = rich(days=100)
    assert shop.times is not None
    fewer = shop.take((shop.times >= 60 * DAY) | (np.arange(len(shop)) % 2 == 0))
    assert not np.array_equal(features_before(shop)[1].values, features_before(fewer)[1].values)
