import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError
from personalization.learning.preprocess import prepare
from tests.learning.preprocess.rows import DAY, WEIGHTS, events, ratings


def by_id(ids):
    return sorted(ids)


def prepared(*rows, order=by_id, **options):
    return prepare(events(*rows), weights=WEIGHTS, order=order, **options)


def test_rows_are_numbered_by_key_and_by_person():
    result = prepared(
        (7, 10, Kind.VIEW, 1), (5, 20, Kind.PURCHASE, 2), order=lambda ids: sorted(ids, reverse=True)
    )
    learned = result.interactions
    assert (result.item_ids.tolist(), result.visitor_ids.tolist()) == ([20, 10], [5, 7])
    assert (learned.items.tolist(), learned.visitors.tolist()) == ([1, 0], [1, 0])
    assert learned.weights.tolist() == [1, 5]
    assert learned.times.tolist() == [DAY, 2 * DAY]
    assert (learned.n_items, learned.n_visitors) == (2, 2)


def test_nothing_can_be_prepared():
    result = prepared()
    assert (len(result.interactions), result.item_ids.tolist()) == (0, [])


def test_half_of_the_weight_is_lost_each_half_life():
    rows = [(1, 10, Kind.PURCHASE, day) for day in (0, 10, 20)]
    assert prepared(*rows, half_life_days=10).interactions.weights.tolist() == [1.25, 2.5, 5]
    as_of = prepared(*rows, half_life_days=10, as_of=30 * DAY).interactions
    assert as_of.weights.tolist() == [0.625, 1.25, 2.5]
    assert as_of.as_of == 30 * DAY


def test_what_is_very_old_still_happened():
    result = prepared((1, 10, Kind.VIEW, 0), (1, 11, Kind.VIEW, 10_000), half_life_days=1)
    assert result.interactions.weights.min() > 0


def test_all_that_is_known_of_an_event_stands_beside_it():
    learned = prepared(
        (1, 10, Kind.PURCHASE, 1, 3, 0, 2.5, 77),
        (1, 11, Kind.PURCHASE, 1, 1, 0, 4.0, 77),
        (2, 10, Kind.VIEW, 2),
        ratings=ratings((1, 11, 0.75), (9, 10, 1.0)),
        scale=(1, 5),
    ).interactions
    assert learned.kinds.tolist() == [Kind.PURCHASE, Kind.PURCHASE, Kind.VIEW]
    assert learned.quantities.tolist() == [3, 1, 1]
    assert learned.orders.tolist() == [0, 0, -1]
    np.testing.assert_equal(learned.prices, np.array([2.5, 4, np.nan], np.float32))
    np.testing.assert_equal(learned.ratings, np.array([np.nan, 4, np.nan], np.float32))
    assert (learned.prices.dtype, learned.orders.dtype) == (np.float32, np.int64)


def test_what_is_unknown_of_all_is_none():
    learned = prepared((1, 10, Kind.VIEW), (2, 10, Kind.CART_ADD), ratings=ratings()).interactions
    assert (learned.prices, learned.orders, learned.ratings, learned.catalog) == (None,) * 4


def test_a_catalog_is_added_in_the_rows_of_the_items():
    result = prepared((1, 10, Kind.VIEW), (1, 20, Kind.VIEW))
    described = result.described(Catalog(titles=("ten", "twenty")))
    assert described.interactions.catalog.titles == ("ten", "twenty")
    assert described.item_ids.tolist() == result.item_ids.tolist() == [10, 20]
    with pytest.raises(InvalidInputError, match="catalog"):
        result.described(Catalog(titles=("ten",)))
