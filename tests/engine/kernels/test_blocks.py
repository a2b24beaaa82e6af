import threading

import numpy as np
import pytest

from personalization.engine.kernels.blocks import made_ahead, row_blocks

PARTS = [(0, 2), (2, 3), (3, 7)]


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


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("parts", [PARTS, PARTS[:1], []])
def test_what_is_made_comes_in_order(ahead, parts):
    made = made_ahead(lambda start, stop: stop - start, iter(parts), ahead=ahead)
    assert list(made) == [(part, part[1] - part[0]) for part in parts]


def test_the_next_one_is_made_while_one_is_used_and_no_more():
    made = []
    second = threading.Event()

    def make(start, stop):
        made.append(start)
        if start == 2:
            second.set()
        return stop

    parts = made_ahead(make, iter(PARTS), ahead=True)
    next(parts)
    assert second.wait(10)
    assert made == [0, 2]
    assert [stop for _, stop in parts] == [3, 7]


@pytest.mark.parametrize("ahead", [False, True])
def test_what_cannot_be_made_is_told_in_its_turn(ahead):
    def make(start, stop):
        if start == 2:
            raise MemoryError
        return stop

    parts = made_ahead(make, iter(PARTS), ahead=ahead)
    assert next(parts) == ((0, 2), 2)
    with pytest.raises(MemoryError):
        next(parts)
