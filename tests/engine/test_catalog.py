import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.engine.errors import InvalidInputError


def test_only_titles_are_needed():
    assert len(Catalog(titles=("a", ""))) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tags", (("x",),)),
        ("categories", ("x",)),
        ("brands", ("x", "y", "z")),
        ("attributes", ({},)),
        ("prices", np.array([1.0])),
        ("prices", np.array([1.0, np.inf])),
        ("listed_at", np.array([1])),
        ("pictures", np.ones((1, 4), np.float32)),
        ("pictures", np.full((2, 4), np.nan, np.float32)),
    ],
)
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        Catalog(titles=("a", "b"), **{field: value})
    assert refusal.value.field == field


def test_an_instant_does_not_know_of_what_is_listed_later():
    catalog = Catalog(titles=("a", "b", "c"), listed_at=np.array([1, 2, UNKNOWN_TIME]))
    assert catalog.as_of(1).listed_at.tolist() == [1, UNKNOWN_TIME, UNKNOWN_TIME]
    assert catalog.as_of(2).listed_at.tolist() == [1, 2, UNKNOWN_TIME]
    assert catalog.listed_at.tolist() == [1, 2, UNKNOWN_TIME]
    assert Catalog(titles=("a",)).as_of(1).listed_at is None
