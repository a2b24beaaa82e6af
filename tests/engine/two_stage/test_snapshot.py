"""Baskets, what each visitor has, and that nothing depends on the order of the entries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.two_stage.owned import DECAYS
from personalization.engine.two_stage.snapshot import Snapshot
from tests.engine.two_stage.data import DAY, entries, rich

#: Visitor 0: items 0 and 1 on day 0, item 0 on day 4, item 2 on day 6; visitor 1: item 0 on day 6.
ROWS: list[tuple[int, int, float]] = [(0, 0, 0), (0, 1, 0), (0, 0, 4), (0, 2, 6), (1, 0, 6)]


def snapshot(**known: object) -> Snapshot:
    shop = entries(ROWS, n_visitors=3, n_items=4, **known)
    return Snapshot.of(replace(shop, as_of=10 * DAY))


def test_without_orders_what_happened_at_one_instant_is_a_basket() -> None:
    baskets = snapshot().baskets
    assert baskets.visitors.tolist() == [0, 0, 0, 1]
    assert baskets.times.tolist() == [0, 4 * DAY, 6 * DAY, 6 * DAY]
    assert baskets.places.tolist() == [2, 1, 0, 0]


def test_an_order_is_a_basket_whenever_its_entries_happened() -> None:
    baskets = snapshot(orders=[7, 7, 7, -1, 7]).baskets
    assert baskets.visitors.tolist() == [0, 0, 1]
    assert baskets.times.tolist() == [0, 6 * DAY, 6 * DAY]
    assert sorted(baskets.of_entry.tolist()) == [0, 0, 0, 1, 2]


def test_what_a_visitor_has_and_since_when() -> None:
    owned = snapshot().owned
    assert owned.keys.tolist() == [0, 1, 2, 4]
    assert owned.counts.tolist() == [2, 1, 1, 1]
    assert owned.newest.tolist() == [6, 10, 4, 4]
    assert owned.oldest.tolist() == [10, 10, 4, 4]
    assert owned.place.tolist() == [1, 2, 0, 0]
    assert owned.latest.tolist() == [2, 1, 1, 1]
    expected = [np.exp(-10 / days) + np.exp(-6 / days) for days in DECAYS]
    np.testing.assert_allclose(owned.decayed[:, 0], expected)


def test_an_item_twice_in_one_basket_counts_once() -> None:
    shop = entries([(0, 0, 1), (0, 0, 1), (0, 0, 2)], n_visitors=1, n_items=1)
    assert Snapshot.of(shop).owned.counts.tolist() == [2]


def test_pairs_are_found_and_others_are_not() -> None:
    lines, has = snapshot().owned.find(np.array([1, 3, 4, 11]))
    assert has.tolist() == [True, False, True, False]
    assert lines[has].tolist() == [1, 3]
    nothing = Snapshot.of(entries(ROWS, n_visitors=3, n_items=4).take(np.zeros(5, np.bool_)))
    assert nothing.owned.find(np.array([0]))[1].tolist() == [False]


def test_entries_after_the_instant_are_left_out() -> None:
    shop = replace(entries(ROWS, n_visitors=3, n_items=4), as_of=5 * DAY)
    assert Snapshot.of(shop).owned.keys.tolist() == [0, 1]


def test_prices_are_those_paid_and_the_catalogs_where_none_are_known() -> None:
    catalog = Catalog(("",) * 4, prices=np.array([1.0, 2.0, np.nan, 4.0]))
    listed = snapshot(catalog=catalog).prices
    np.testing.assert_allclose(np.expm1(listed), [1, 1, 2, np.nan, 1])  # type: ignore[arg-type]
    paid = snapshot(catalog=catalog, prices=[9, 9, 9, np.nan, 9]).prices
    np.testing.assert_allclose(np.expm1(paid), [9, 9, 9, np.nan, 9])  # type: ignore[arg-type]
    assert snapshot().prices is None


def test_what_nobody_knows_is_none() -> None:
    assert snapshot().quantities is None
    assert snapshot().categories is None
    assert snapshot(catalog=Catalog(("",) * 4, categories=("",) * 4)).categories is None


def test_the_order_of_the_entries_is_forgotten() -> None:
    shop = rich()
    one, other = Snapshot.of(shop), Snapshot.of(shop.take(np.random.default_rng(2).permutation(len(shop))))
    for name in ("visitors", "items", "times", "quantities", "prices", "orders"):
        assert np.array_equal(getattr(one.events, name), getattr(other.events, name))
    assert np.array_equal(one.owned.decayed, other.owned.decayed)


def test_times_are_needed() -> None:
    with pytest.raises(TypeError, match="times"):
        Snapshot.of(replace(rich(), times=None))
