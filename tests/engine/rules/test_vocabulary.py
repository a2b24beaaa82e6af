"""Hosts add kinds; a vocabulary refuses those that cannot be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import (
    Columns,
    Facts,
    FactType,
    Field,
    FieldType,
    Kind,
    Numbers,
    Operator,
    RuleIndex,
    Scope,
    Truth,
    Vocabulary,
    default_vocabulary,
    evaluate,
    evaluate_columns,
    find_doubts,
    read_aloud,
    read_rule,
)
from tests.engine.rules.cases import NOW

if TYPE_CHECKING:
    from personalization.engine.rules import Condition


class Points(Kind):
    """A host's own: loyalty points."""

    code = "visitor.points"
    scope = Scope.VISITOR
    label = "Points"
    operators = (Operator("at_least", "is at least"),)
    fields = (Field("value", FieldType.WHOLE, "Points"),)
    sentences = {"at_least": "the visitor has {value} points or more"}

    def facts(self, condition: Condition) -> dict[str, FactType]:
        return {"visitor.points": FactType.NUMBER}

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        points = facts.find("visitor.points")
        return Truth.UNKNOWN if points is None else Truth(points >= condition.values["value"])


def test_a_kind_of_a_host():
    vocabulary = default_vocabulary().extended(Points())
    written = json.dumps({"kind": "visitor.points", "op": "at_least", "value": 100})
    one = read_rule(written, vocabulary, scopes=[Scope.VISITOR])
    assert one.facts == {"visitor.points"}
    assert read_aloud(one) == "the visitor has 100 points or more"
    assert RuleIndex({"points": one}).matching(Facts({"visitor.points": 100}, NOW)) == ["points"]
    assert (
        find_doubts(
            read_rule(json.dumps({"all": [json.loads(written)] * 2}), vocabulary, scopes=[Scope.VISITOR])
        )
        == ()
    )
    verdict = evaluate(one, Facts({"visitor.points": 99}, NOW))
    assert (verdict.truth, verdict.failures[0].expected, verdict.failures[0].code) == (
        Truth.FALSE,
        "100",
        "failed",
    )
    known = np.array([True, True, False])
    columns = Columns(3, {"visitor.points": Numbers(np.array([99, 100, 0]), known)}, NOW)
    assert evaluate_columns(one, columns).tolist() == [0, 1, -1]
    assert evaluate_columns(one, Columns(2, {}, NOW, shared={"visitor.points": 100})).tolist() == [1, 1]


def broken(**attributes):
    return type("Broken", (Points,), attributes)()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (broken(sensitive=True), "must not decide by it"),
        (broken(code="visitor.Points"), "must be a name in the scope visitor"),
        (broken(code="points"), "must be a name in the scope visitor"),
        (broken(code="cart.points"), "must be a name in the scope visitor"),
        (broken(code="visitor.orders"), "is there twice"),
        (broken(fields=(Field("op", FieldType.TEXT, "Op"),)), "named kind or op"),
    ],
)
def test_kinds_that_cannot_be(kind, message):
    with pytest.raises(InvalidInputError, match=message) as raised:
        default_vocabulary().extended(kind)
    assert raised.value.field == "kinds"


def test_what_there_is():
    vocabulary = default_vocabulary()
    assert vocabulary is default_vocabulary()
    assert len(vocabulary) == len([*vocabulary]) == 39
    assert vocabulary.find("visitor.age") is None
    assert {kind.scope for kind in vocabulary.in_scopes([Scope.ITEM])} == {Scope.ITEM}
    assert len(Vocabulary([])) == 0


@pytest.mark.parametrize("kind", [*default_vocabulary()], ids=lambda kind: kind.code)
def test_every_kind_is_complete(kind):
    operators = {operator.code for operator in kind.operators}
    assert operators == kind.sentences.keys()
    assert kind.label
    assert all(operator.label for operator in kind.operators)
    for field in kind.fields:
        assert field.label
        assert operators.issuperset(field.operators)
        assert field.suggests in {"", "item", "category", "brand", "tag", "segment", "store"}
