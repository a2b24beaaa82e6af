import numpy as np
import pytest
from scipy.sparse import csr_array

from personalization.engine.recommenders.repeat_rows import repeat_rows
from personalization.engine.tables import SparseRows

#: Item 0 speaks for items 1 and 2, twice as loudly for 2.
WEIGHTS = SparseRows(np.array([0, 2, 2, 2, 2]), np.array([2, 1], np.int32), np.array([4.0, 2.0], np.float32))


def rows(own, of_item, **options):
    options = {"own_share": 1.0, "table_share": 0.5, "count": 4} | options
    return repeat_rows(csr_array(np.array(own, dtype=np.float64)), WEIGHTS, np.array(of_item), **options)


def test_the_score_by_hand():
    items, values = rows([[0.5, 0, 0, 1.0]], [0.0, 0.3, 0.0, 0.1]).row(0)
    # item 0: .5; item 1: .3 + .5 · 2/4; item 2: .5 · 4/4; item 3: 1 + .1
    assert items.tolist() == [3, 1, 0, 2]
    assert values == pytest.approx([1.1, 0.55, 0.5, 0.5])


def test_only_as_many_as_wanted_and_only_what_scores():
    assert rows([[0.5, 0, 0, 1.0]], [0.0] * 4, count=2).row(0)[0].tolist() == [3, 0]
    assert rows([[0, 0, 0, 1.0]], [0.0] * 4).row(0)[0].tolist() == [3]


def test_without_a_share_of_their_own_known_items_are_left_out():
    items, values = rows([[1.0, 0, 0, 1.0]], [1.0, 0.3, 0.0, 1.0], own_share=0.0).row(0)
    assert items.tolist() == [1, 2]
    assert values == pytest.approx([0.55, 0.5])


def test_a_visitor_without_items_has_no_row():
    table = rows([[0, 0, 0, 0.0], [0, 0, 0, 1.0]], [0.1] * 4)
    assert np.diff(table.indptr).tolist() == [0, 4]
