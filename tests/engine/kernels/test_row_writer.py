import numpy as np

from personalization.engine.kernels.row_writer import RowWriter


def test_rows_are_appended_and_what_is_not_needed_is_given_back():
    writer = RowWriter(4, 10)
    writer.append(np.array([2, 0]), np.array([5, 1], np.int32), np.array([3, 2], np.float32))
    writer.append(np.array([0, 1]), np.array([7], np.int32), np.array([1], np.float32))
    table = writer.rows()
    assert table.indptr.tolist() == [0, 2, 2, 2, 3]
    assert table.indices.tolist() == [5, 1, 7]
    assert table.values.tolist() == [3, 2, 1]
    assert (table.indices.nbytes, table.values.base) == (12, None)


def test_no_rows_make_an_empty_table():
    assert len(RowWriter(0, 0).rows()) == 0
