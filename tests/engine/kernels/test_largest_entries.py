import numpy as np
import pytest

from personalization.engine.kernels.largest_entries import LargestEntries


def kept(table, *, wanted, size, own=1):
    """Of a table that comes ``size`` rows at a time, each with its ``own`` first largest columns."""
    largest = LargestEntries(len(table), wanted=wanted, block=size * table.shape[1], above=1e-6)
    for start in range(0, len(table), size):
        block = table[start : start + size]
        first = np.argsort(-block, axis=1, kind="stable")[:, :own].astype(np.int32)
        largest.add(block, start, np.where(np.take_along_axis(block, first, axis=1) > 0, first, -1))
    return largest.rows()


def dense(rows, shape):
    found = np.zeros(shape, np.float32)
    found[np.repeat(np.arange(len(rows)), np.diff(rows.indptr)), rows.indices] = rows.values
    return found


def expected(table, *, wanted, own=1):
    """By sorting the whole table: each row's own first, then the largest of the others."""
    chosen = np.zeros(table.shape, bool)
    np.put_along_axis(chosen, np.argsort(-table, axis=1, kind="stable")[:, :own], True, axis=1)
    chosen &= table > 0
    order = np.argsort(-np.where(chosen, -np.inf, table).ravel(), kind="stable")
    chosen.ravel()[order[: wanted - chosen.sum()]] = True
    return np.where(chosen & (table > 0), table, 0)


@pytest.mark.parametrize("size", [1, 4, 7, 40])
@pytest.mark.parametrize("wanted", [40, 100, 333, 2000])
@pytest.mark.parametrize("ties", [False, True])
def test_they_are_those_of_the_whole_table_whatever_the_blocks(size, wanted, ties):
    table = np.random.default_rng(wanted).standard_normal((40, 50)).astype(np.float32)
    table[::3] *= 5
    table = np.round(table) if ties else table
    rows = kept(table, wanted=wanted, size=size)
    assert np.array_equal(dense(rows, table.shape), expected(table, wanted=wanted))
    assert len(rows.indices) <= wanted


def test_a_row_of_small_entries_keeps_its_own():
    table = np.full((3, 8), 9, np.float32)
    table[1] = np.arange(8) / 100
    rows = kept(table, wanted=10, size=1, own=2)
    assert rows.row(1)[0].tolist() == [6, 7]


def test_all_alike_is_no_more_than_was_wanted():
    rows = kept(np.ones((30, 30), np.float32), wanted=60, size=5, own=2)
    assert np.diff(rows.indptr).tolist() == [2] * 30
