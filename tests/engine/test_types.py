import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.types import Kind


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


@pytest.mark.parametrize("field", ["kinds", "quantities", "prices", "orders", "ratings"])
def test_what_is_known_of_each_entry_has_its_length(field):
    with pytest.raises(InvalidInputError) as refusal:
        make(**{field: np.ones(3, np.float32)})
    assert refusal.value.field == field


@pytest.mark.parametrize("field", ["quantities", "prices", "ratings"])
def test_unknown_is_nan_and_never_infinite(field):
    assert len(make(**{field: np.array([1, np.nan], np.float32)})) == 2
    with pytest.raises(InvalidInputError) as refusal:
        make(**{field: np.array([1, np.inf], np.float32)})
    assert refusal.value.field == field


def test_a_catalog_speaks_of_every_item():
    assert make(catalog=Catalog(titles=("a", "b", "c"))).catalog is not None
    with pytest.raises(InvalidInputError) as refusal:
        make(catalog=Catalog(titles=("a", "b")))
    assert refusal.value.field == "catalog"


def test_some_entries_keep_all_that_is_known_of_them():
    whole = make(
        times=np.array([5, 6]),
        prices=np.array([1.5, 2.5], np.float32),
        orders=np.array([7, 8]),
        catalog=Catalog(titles=("a", "b", "c")),
    )
    part = whole.take(np.array([False, True]), as_of=9)
    assert (part.visitors.tolist(), part.items.tolist(), part.orders.tolist()) == ([1], [2], [8])
    assert (part.prices.tolist(), part.times.tolist(), part.as_of) == ([2.5], [6], 9)
    assert part.catalog is whole.catalog
    assert part.ratings is None
