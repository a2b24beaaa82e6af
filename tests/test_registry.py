"""Recommenders by alias."""

from dataclasses import replace

import pytest
from django.test import override_settings

from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.exceptions import InvalidInputError
from personalization.registry import BUILT_IN, declared, get_recommender

KNN = "personalization.engine.recommenders.item_knn.ItemKNN"


def declaring(**recommenders: object) -> override_settings:
    return override_settings(PERSONALIZATION={"RECOMMENDERS": recommenders})


@pytest.mark.parametrize("alias", BUILT_IN)
def test_what_is_built_in_can_be_made(alias: str) -> None:
    assert isinstance(get_recommender(alias), Recommender)


def test_the_host_adds_and_replaces() -> None:
    with declaring(mine={"BACKEND": KNN, "OPTIONS": {"neighbors": 7}}, auto={"BACKEND": KNN}):
        assert get_recommender("mine") == replace(ItemKNN(), neighbors=7)
        assert get_recommender("auto") == ItemKNN()
        assert declared().keys() == BUILT_IN.keys() | {"mine"}
    assert declared().keys() == BUILT_IN.keys()


def test_an_unknown_alias_is_told_what_is_known() -> None:
    with pytest.raises(InvalidInputError, match="item-cosine") as caught:
        get_recommender("itemcosine")
    assert (caught.value.field, caught.value.code) == ("recommender", "unknown")


@pytest.mark.parametrize(
    "declaration",
    [
        {},
        {"BACKEND": "abc"},
        {"BACKEND": "no.such.Thing"},
        {"BACKEND": KNN, "OPTIONS": {"neighbours": 7}},
        {"BACKEND": KNN, "OPTIONS": {"neighbors": 0}},
    ],
)
def test_what_cannot_be_made_is_named(declaration: dict[str, object]) -> None:
    with declaring(mine=declaration), pytest.raises(InvalidInputError, match="mine") as caught:
        get_recommender("mine")
    assert caught.value.field == "recommender"
