"""Columns say of every case what `matches` says of it, for every kind and every tree."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import (
    Columns,
    Numbers,
    default_vocabulary,
    evaluate,
    evaluate_columns,
    matches,
)
from personalization.engine.rules.columns import facts_at
from personalization.engine.rules.kind import Kind
from tests.engine.rules import strategies
from tests.engine.rules.cases import NOW, TYPES, columns, condition, facts, rule

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


def agree(one, cases, varying, segments):
    many = columns(cases, varying)
    answers = evaluate_columns(one, many, segments)
    assert answers.dtype == np.int8
    verdicts = [evaluate(one, case, segments) for case in cases]
    assert answers.tolist() == [verdict.truth for verdict in verdicts]
    assert [matches(one, case, segments) for case in cases] == [truth == 1 for truth in answers]
    assert [not verdict.failures for verdict in verdicts] == [truth == 1 for truth in answers]


def asked(one, segments):
    """The facts that the rule and any segment read."""
    return one.facts.union(*[segment.facts for segment in segments.values()])


@pytest.mark.parametrize("code", [kind.code for kind in default_vocabulary()])
@settings(SLOW, max_examples=50)
@given(data=st.data())
def test_every_kind_alone(code, data):
    one = rule(data.draw(strategies.conditions(code)))
    cases, varying = data.draw(strategies.cases(one.facts))
    agree(one, cases, varying, {})
    many = columns(cases, varying)
    if not one.segments:  # the way of kinds that do not write `decide_columns` themselves
        answers = Kind.decide_columns(one.root.kind, one.root, many)
        assert answers.tolist() == evaluate_columns(one, many).tolist()


@settings(SLOW, max_examples=100)
@given(data=st.data())
def test_whole_rules_with_segments(data):
    segments = data.draw(st.dictionaries(st.sampled_from(strategies.SEGMENTS), strategies.rules()))
    segments = {name: rule(written) for name, written in segments.items()}
    one = rule(data.draw(strategies.rules()))
    agree(one, *data.draw(strategies.cases(asked(one, segments))), segments)


@settings(SLOW, max_examples=60)
@given(data=st.data())
def test_segments_that_ask_for_segments(data):
    asking = strategies.rules(("visitor.segment", "visitor.signed_in"))
    segments = {name: rule(data.draw(asking)) for name in strategies.SEGMENTS}
    one = rule(data.draw(asking))
    agree(one, *data.draw(strategies.cases(asked(one, segments))), segments)


@settings(SLOW, max_examples=30)
@given(strategies.cases())
def test_a_row_of_the_columns_is_the_case(drawn):
    cases, varying = drawn
    many = columns(cases, varying)
    for row, case in enumerate(cases):
        there = facts_at(many, row, TYPES)
        orders = case.values["visitor.orders"]
        amounts = [(order.at, order.amount) for order in orders or ()]
        assert [(order.at, order.amount) for order in there.values["visitor.orders"] or ()] == amounts
        others = TYPES.keys() - {"visitor.orders"}
        assert {name: there.values[name] for name in others} == {name: case.values[name] for name in others}


def test_everyone_and_nobody():
    one = rule({"everyone": True})
    assert evaluate_columns(one, Columns(3, {}, NOW)).tolist() == [1, 1, 1]
    assert evaluate_columns(one, Columns(0, {}, NOW)).tolist() == []


def test_no_case_at_all():
    empty = [facts(**{name.replace(".", "__"): None}) for name in TYPES]
    for kind in ("cart.has_item", "visitor.bought_item", "item.key"):
        one = rule(condition(kind, "any_of", values=["a"]))
        (name,) = one.facts
        assert evaluate_columns(one, columns(empty, [name])).tolist() == [-1] * len(empty)


def test_a_column_of_another_type_is_refused():
    wrong = Columns(1, {"cart.subtotal": Numbers(np.zeros(1), np.ones(1, np.bool_))}, NOW)
    one = rule(condition("cart.subtotal", "at_least", value="1", currency="EUR"))
    with pytest.raises(InvalidInputError, match=r"cart\.subtotal must be Moneys, got Numbers"):
        evaluate_columns(one, wrong)


def test_many_cases_take_milliseconds():
    generator = np.random.default_rng(5)
    n = 10_000
    seen = Numbers(NOW - generator.integers(0, 90, n) * 86_400_000_000, np.ones(n, np.bool_))
    one = rule({"any": [condition("visitor.last_seen", "within", days=days) for days in range(1, 50)]})
    start = time.perf_counter()
    answers = evaluate_columns(one, Columns(n, {"visitor.last_seen": seen}, NOW))
    assert time.perf_counter() - start < 1
    assert answers.sum() == (seen.values >= NOW - 49 * 86_400_000_000).sum()
