import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.tables import CorruptTableError, SparseRows, pack_row, pack_rows, unpack_row
from personalization.testing import assert_survives_packing

VALUES = st.lists(st.floats(0, 2.0**60, width=32), max_size=60)


def row(*values):
    return np.arange(len(values), dtype=np.int32), np.array(values, dtype=np.float32)


@given(VALUES)
def test_any_row_survives_packing(values):
    assert_survives_packing(*row(*values))


def test_a_row_costs_twelve_bytes_and_six_a_column():
    assert len(pack_row(*row())) == 12
    assert len(pack_row(*row(1, 2, 3))) == 12 + 3 * 6


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_only_finite_values_are_stored(value):
    with pytest.raises(CorruptTableError):
        pack_row(*row(1, value))
    with pytest.raises(CorruptTableError):
        SparseRows(np.array([0, 1]), *row(value))


PACKED = pack_row(*row(1, 2, 3))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        PACKED[:11],
        PACKED[:-1],
        PACKED + b"\0",
        b"\x02" + PACKED[1:],
        PACKED[:1] + b"\x09" + PACKED[2:],
        PACKED[:8] + struct.pack("<f", float("nan")) + PACKED[12:],
        PACKED[:-2] + struct.pack("<e", float("inf")),
    ],
    ids=["empty", "short header", "short", "long", "newer", "other dtype", "bad scale", "infinite value"],
)
def test_damage_is_noticed(payload):
    with pytest.raises(CorruptTableError):
        unpack_row(payload)


def test_rows_of_a_table_and_its_packed_form():
    table = SparseRows(
        np.array([0, 2, 2, 3]), np.array([4, 1, 0], np.int32), np.array([1, 0.5, 2], np.float32)
    )
    assert len(table) == 3
    assert [part.tolist() for part in table.row(0)] == [[4, 1], [1.0, 0.5]]
    packed = dict(pack_rows(table))
    assert sorted(packed) == [0, 2]  # an empty row is not stored
    assert unpack_row(packed[2])[0].tolist() == [0]


def test_rows_packed_at_once_are_the_rows_packed_one_by_one():
    generator = np.random.default_rng(3)
    lengths = generator.integers(0, 6, 200)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = (generator.normal(size=indptr[-1]) * 10.0 ** generator.integers(-6, 6, indptr[-1])).astype(
        np.float32
    )
    values[indptr[7] : indptr[9]] = 0
    table = SparseRows(indptr, generator.integers(0, 99, indptr[-1]).astype(np.int32), values)
    assert dict(pack_rows(table)) == {
        row: pack_row(*table.row(row)) for row in np.flatnonzero(lengths).tolist()
    }


def test_a_table_of_empty_rows_packs_to_nothing():
    table = SparseRows(np.zeros(4, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    assert list(pack_rows(table)) == []
