from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.dislikes import Dislikes
from personalization.engine.errors import InvalidInputError
from personalization.testing import make_interactions


def low(**changes):
    given = {
        "visitors": np.array([0, 1], np.int32),
        "items": np.array([1, 0], np.int32),
        "ratings": np.array([1, 2], np.float32),
        "times": np.array([5, 9]),
    }
    return Dislikes(**{**given, **changes})


def test_what_was_disliked_before_an_instant():
    early = low().before(9)
    assert (early.visitors.tolist(), early.items.tolist()) == ([0], [1])
    assert (early.ratings.tolist(), early.times.tolist()) == ([1], [5])
    assert len(low().before(5)) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("items", np.zeros(1, np.int32)),
        ("times", np.zeros(3, np.int64)),
        ("ratings", np.ones(1, np.float32)),
        ("ratings", np.array([1, np.nan], np.float32)),
    ],
)
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        low(**{field: value})
    assert refusal.value.field == field


def test_dislikes_stand_in_the_rows_of_the_interactions():
    done = make_interactions([(0, 0), (1, 1)], n_visitors=2, n_items=2)
    assert len(replace(done, dislikes=low()).dislikes) == 2
    for rows in (np.array([0, 2], np.int32), np.array([0, -1], np.int32), np.array([0, 1], np.int64)):
        for name in ("visitors", "items"):
            with pytest.raises(InvalidInputError, match="dislikes"):
                replace(done, dislikes=low(**{name: rows}))
