"""Without what an extra brings, recommenders can be declared, and say what to install when they are to learn."""

import pytest

from personalization.contrib import extras
from personalization.contrib.dask_tables import DistributedItemKNN
from personalization.contrib.neural.neumf import NeuMF
from personalization.contrib.neural.self_attention import SelfAttention
from personalization.contrib.spark_als import SparkALS
from personalization.engine.errors import InvalidInputError
from personalization.registry import get_recommender
from personalization.testing import checkerboard


@pytest.mark.parametrize(
    ("recommender", "extra"),
    [
        (NeuMF(), "[neural]"),
        (SelfAttention(), "[neural]"),
        (DistributedItemKNN(), "[dask]"),
        (SparkALS(), "[spark]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_learning_says_what_to_install(monkeypatch: pytest.MonkeyPatch, recommender, extra) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda module: None)
    with pytest.raises(InvalidInputError) as caught:
        recommender.fit(checkerboard())
    assert (caught.value.field, caught.value.code) == ("recommender", "extra")
    assert extra in caught.value.message


@pytest.mark.parametrize(("alias", "recommender"), [("neumf", NeuMF()), ("self-attention", SelfAttention())])
def test_declaring_needs_nothing(monkeypatch: pytest.MonkeyPatch, alias: str, recommender) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda module: None)
    assert get_recommender(alias) == recommender
