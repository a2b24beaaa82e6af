import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.types import Interactions, Kind


def make(**changes):
    fields = {
        "visitors": np.array([0, 1], np.int32),
        "items": np.array([0, 2], np.int32),
        "weights": np.ones(2, np.float32),
        "n_visitors": 2,
        "n_items": 3,
    }
    return Interactions(**{**fields, **changes})


def test_a_sound_value_is_accepted():
    assert len(make(times=np.array([1, 2]))) == 2


def test_nothing_is_sound_too():
    nothing = np.empty(0, np.int32)
    assert (
        len(make(visitors=nothing, items=nothing, weights=np.empty(0, np.float32), n_visitors=0, n_items=0))
        == 0
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("visitors", np.array([0, 2], np.int32)),
        ("visitors", np.array([0, 1], np.int64)),
        ("items", np.array([0, 3], np.int32)),
        ("items", np.array([-1, 0], np.int32)),
        ("items", np.array([0], np.int32)),
        ("weights", np.ones(3, np.float32)),
        ("weights", np.array([1, np.nan], np.float32)),
        ("weights", np.array([1, np.inf], np.float32)),
        ("weights", np.array([1, 0], np.float32)),
        ("times", np.array([1])),
    ],
)
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        make(**{field: value})
    assert refusal.value.field == field


def test_kinds_keep_their_numbers():
    assert [(kind.name, kind.value) for kind in Kind] == [
        ("VIEW", 1),
        ("IMPRESSION", 2),
        ("CLICK", 3),
        ("CART_ADD", 4),
        ("CART_REMOVE", 5),
        ("WISH", 6),
        ("PURCHASE", 7),
        ("REFUND", 8),
        ("RATE", 9),
        ("SEARCH", 10),
        ("HIDE", 11),
        ("SHARE", 12),
        ("MAIL_OPEN", 13),
    ]
