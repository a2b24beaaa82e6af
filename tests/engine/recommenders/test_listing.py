import math

import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.engine.recommenders.freshness import freshness
from personalization.engine.recommenders.listing import as_of, listed_at, on_sale
from personalization.testing import make_interactions
from tests.engine.recommenders.data import DAY


def shop(*, listed=None, times=(0, 10 * DAY), as_of=None, catalog=True):
    """Item 0 was taken at the first time, item 1 at the second, items 2 and 3 never."""
    interactions = make_interactions(
        [(0, 0), (1, 1)], n_visitors=2, n_items=4, times=None if times is None else list(times)
    )
    known = None if listed is None else np.array(listed, dtype=np.int64)
    described = Catalog(titles=("",) * 4, listed_at=known) if catalog else None
    return interactions.take(np.arange(2), catalog=described, as_of=as_of)


def test_the_catalog_says_since_when_else_the_first_interaction():
    listed = [5 * DAY, UNKNOWN_TIME, 3 * DAY, UNKNOWN_TIME]
    assert listed_at(shop(listed=listed)).tolist() == [5 * DAY, 10 * DAY, 3 * DAY, UNKNOWN_TIME]
    assert listed_at(shop()).tolist() == [0, 10 * DAY, UNKNOWN_TIME, UNKNOWN_TIME]
    assert listed_at(shop(times=None)).tolist() == [UNKNOWN_TIME] * 4


def test_what_is_listed_later_is_not_on_sale_yet():
    listed = [UNKNOWN_TIME, 99 * DAY, 3 * DAY, 99 * DAY]
    assert on_sale(shop(listed=listed)).tolist() == [True, True, True, False]
    assert on_sale(shop(listed=listed, as_of=100 * DAY)).tolist() == [True] * 4
    assert on_sale(shop(listed=listed, times=None)).tolist() == [True] * 4


def test_without_dates_a_catalog_lists_everything_and_without_a_catalog_only_what_was_taken():
    assert on_sale(shop()).tolist() == [True] * 4
    assert on_sale(shop(catalog=False)).tolist() == [True, True, False, False]
    assert on_sale(shop(listed=[UNKNOWN_TIME] * 4)).tolist() == [True, True, False, False]


def test_now_is_what_was_said_else_the_newest_time():
    assert as_of(shop()) == 10 * DAY
    assert as_of(shop(as_of=12 * DAY)) == 12 * DAY
    assert as_of(shop(times=None)) is None


def test_freshness_halves_with_age():
    listed = [0, 20 * DAY, UNKNOWN_TIME, 50 * DAY]
    fresh = freshness(shop(listed=listed, as_of=40 * DAY), days=20)
    assert fresh == pytest.approx([math.exp(-2), math.exp(-1), 0, 1])


def test_freshness_by_the_first_interaction():
    assert freshness(shop(catalog=False), days=10) == pytest.approx([math.exp(-1), 1, 0, 0])


def test_freshness_without_any_time():
    assert freshness(shop(times=None), days=10).tolist() == [0, 0, 0, 0]
    listed = [0, 10 * DAY, UNKNOWN_TIME, UNKNOWN_TIME]
    assert freshness(shop(listed=listed, times=None), days=10) == pytest.approx([math.exp(-1), 1, 0, 0])
