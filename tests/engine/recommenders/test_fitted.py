"""Rows that were worked out for each visitor beforehand, and the tables behind them."""

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.tables import Ranking, SparseRows, Tables


def rows(*entries):
    """Sparse rows from one dict of column → value for each row, largest value first."""
    ordered = [sorted(row.items(), key=lambda entry: -entry[1]) for row in entries]
    flat = [entry for row in ordered for entry in row]
    return SparseRows(
        np.cumsum([0, *map(len, ordered)]),
        np.array([column for column, _ in flat], np.int32),
        np.array([value for _, value in flat], np.float32),
    )


#: Visitor 0 has item 0, which speaks for 1 (much) and 2; visitor 1 has nothing.
HISTORY = csr_array(np.array([[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]))
WEIGHTS = rows({1: 0.9, 2: 0.1}, {}, {}, {}, {})
RANKING = Ranking(np.array([4, 0], np.int32), np.array([1, 0.5], np.float32))


def listed(tables, **options):
    items, scores = FittedTables(tables, HISTORY).recommend(0, count=5, **options)
    return items[items >= 0].tolist(), scores[items >= 0]


def test_the_visitors_row_comes_first_and_the_table_fills_up():
    items, scores = listed(Tables(weights=WEIGHTS, visitors=rows({3: 5.0, 2: 4.0}, {})))
    assert items == [3, 2, 1]
    assert scores[:2].tolist() == [5, 4]
    assert 0 < scores[2] < 4


def test_seen_items_of_a_row_are_left_out():
    tables = Tables(weights=WEIGHTS, visitors=rows({0: 9.0, 3: 5.0}, {}))
    assert listed(tables)[0] == [3, 1, 2]
    assert listed(tables, exclude_seen=False)[0] == [0, 3, 1, 2]


def test_repeats_have_a_row_of_their_own():
    tables = Tables(weights=WEIGHTS, visitors=rows({3: 5.0}, {}), repeats=rows({0: 2.0, 4: 1.0}, {}))
    assert listed(tables)[0] == [3, 1, 2]
    assert listed(tables, exclude_seen=False)[0][:2] == [0, 4]


def test_what_nobody_worked_out_beforehand_comes_from_the_tables():
    tables = Tables(weights=WEIGHTS, visitors=rows({}, {3: 1.0}), ranking=RANKING)
    assert listed(tables)[0] == [1, 2]
    items, _ = FittedTables(tables, HISTORY).recommend(1, count=5)
    assert items.tolist() == [3, 4, 0, -1, -1]


def test_without_weights_nothing_follows():
    assert listed(Tables(visitors=rows({3: 5.0}, {}), ranking=RANKING))[0] == [3]
