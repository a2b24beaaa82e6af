"""Recommenders by alias, and the host's own kinds of conditions."""

import logging
from dataclasses import replace
from importlib.util import find_spec

import pytest
from django.test import override_settings

from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.rules import (
    Facts,
    FactType,
    Field,
    FieldType,
    Kind,
    Operator,
    Scope,
    Truth,
    default_vocabulary,
    matches,
    read_rule,
)
from personalization.exceptions import InvalidInputError
from personalization.registry import BUILT_IN, ON_REQUEST, declared, get_recommender, get_vocabulary

RP3BETA = "personalization.engine.recommenders.rp3beta.RP3beta"
KNN = "personalization.engine.recommenders.item_knn.ItemKNN"
#: What every rebuild learns: what is built in, and what the built-in slots name.
REBUILT = BUILT_IN.keys() | {"repeat-purchase"}


def declaring(**recommenders: object) -> override_settings:
    return override_settings(PERSONALIZATION={"RECOMMENDERS": recommenders})


#: Alias → what it needs besides.
NEEDS = {"two-stage": "lightgbm"}


@pytest.mark.parametrize("alias", [*BUILT_IN, *ON_REQUEST])
def test_what_is_built_in_can_be_made(alias: str) -> None:
    if alias in NEEDS and find_spec(NEEDS[alias]) is None:
        pytest.skip(f"needs {NEEDS[alias]}")
    assert isinstance(get_recommender(alias), Recommender)


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalization.contrib.boosted_trees.lightgbm", None)
    with pytest.raises(InvalidInputError, match=r"pip install django-personalization\[rank\]") as refusal:
        get_recommender("two-stage")
    assert refusal.value.field == "recommender"


def test_the_host_adds_and_replaces() -> None:
    with declaring(mine={"BACKEND": KNN, "OPTIONS": {"neighbors": 7}}, auto={"BACKEND": KNN}):
        assert get_recommender("mine") == replace(ItemKNN(), neighbors=7)
        assert get_recommender("auto") == ItemKNN()
        assert declared().keys() == REBUILT | {"mine"}
    assert declared().keys() == REBUILT


def test_a_rebuild_learns_what_slots_name() -> None:
    with override_settings(
        PERSONALIZATION={"SLOTS": {"home": {"RECOMMENDER": "ease"}, "odd": {"RECOMMENDER": ["ease"]}}}
    ):
        assert declared().keys() == REBUILT | {"ease"}


def test_options_of_the_host_make_it_learned() -> None:
    with declaring(rp3beta={"BACKEND": RP3BETA, "OPTIONS": {"neighbors": 20}}):
        assert get_recommender("rp3beta") == RP3beta(neighbors=20)
        assert declared().keys() == REBUILT | {"rp3beta"}


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


class Points(Kind):
    """The host's own, as docs/reference/rules.md has it."""

    code, scope, label = "visitor.points", Scope.VISITOR, "Loyalty points"
    operators = (Operator("at_least", "is at least"),)
    fields = (Field("value", FieldType.WHOLE, "Points"),)
    sentences = {"at_least": "the visitor has {value} points or more"}

    def facts(self, condition):
        return {"visitor.points": FactType.NUMBER}

    def decide(self, condition, facts):
        points = facts.find("visitor.points")
        return Truth.UNKNOWN if points is None else Truth(points >= condition.values["value"])


class Age(Points):
    code, sensitive = "visitor.age", True


def kinds(*names: str) -> override_settings:
    return override_settings(PERSONALIZATION={"RULE_KINDS": [f"{__name__}.{name}" for name in names]})


def test_the_host_adds_kinds_of_conditions() -> None:
    with kinds("Points"):
        rule = read_rule(
            '{"kind": "visitor.points", "op": "at_least", "value": 100}',
            get_vocabulary(),
            scopes=[Scope.VISITOR],
        )
        assert get_vocabulary() is get_vocabulary()
    assert [matches(rule, Facts({"visitor.points": points}, 0)) for points in (99, 100, None)] == [
        False,
        True,
        False,
    ]
    assert get_vocabulary() is default_vocabulary()


def test_a_kind_that_is_not_usable_is_left_out_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "personalization")
    with kinds("Age", "Missing", "Points"):
        found = [get_vocabulary().find(code) for code in ("visitor.age", "visitor.points")]
        get_vocabulary()
    assert [kind is None for kind in found] == [True, False]
    assert len(caplog.records) == 2


def test_a_setting_that_is_no_list_adds_nothing() -> None:
    with override_settings(PERSONALIZATION={"RULE_KINDS": "shop.rules.Points"}):
        assert get_vocabulary() is default_vocabulary()
