import numpy as np
import pytest

from personalization.engine.recommenders.blocks import row_blocks


@pytest.mark.parametrize(
    ("totals", "most", "expected"),
    [
        ([0], 5, []),
        ([0, 2, 4, 9, 9], 4, [(0, 2), (2, 3), (3, 4)]),  # a row that is too long stands alone
        ([0, 2, 4, 9, 9], 100, [(0, 4)]),
        ([7, 8, 9], 1, [(0, 1), (1, 2)]),  # a part of a matrix does not begin at 0
        ([0, 0, 0], 0, [(0, 2)]),
    ],
)
def test_rows_come_in_blocks_of_so_many_entries(totals, most, expected):
    assert list(row_blocks(np.array(totals, dtype=np.int32), most)) == expected
