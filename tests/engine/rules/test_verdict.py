"""A verdict names everything that stands in the way."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from personalization.engine.rules import Money, Truth, evaluate, matches
from personalization.engine.rules.truth import (
    conjoined_columns,
    conjunction,
    disjoined_columns,
    disjunction,
    negated,
    negated_columns,
)
from tests.engine.rules.cases import condition, facts, rule

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
AND = {(T, T): T, (T, U): U, (T, F): F, (U, T): U, (U, U): U, (U, F): F, (F, T): F, (F, U): F, (F, F): F}
OR = {(T, T): T, (T, U): T, (T, F): T, (U, T): T, (U, U): U, (U, F): U, (F, T): T, (F, U): U, (F, F): F}
NOT = {T: F, F: T, U: U}

#: A condition and a fact for each truth.
SIGNED_IN = condition("visitor.signed_in", "yes")
HOLDOUT = condition("visitor.holdout", "yes")
FLAG = {T: True, F: False, U: None}


def truth(written, **values):
    one, case = rule(written), facts(**values)
    verdict = evaluate(one, case)
    assert matches(one, case) is (verdict.truth is T) is not verdict.failures
    return verdict.truth


@pytest.mark.parametrize(("left", "right"), [*product(Truth, Truth)])
def test_kleene(left, right):
    values = {"visitor__signed_in": FLAG[left], "visitor__holdout": FLAG[right]}
    assert truth({"all": [SIGNED_IN, HOLDOUT]}, **values) is AND[left, right] is conjunction([left, right])
    assert truth({"any": [SIGNED_IN, HOLDOUT]}, **values) is OR[left, right] is disjunction([left, right])
    assert truth({"not": SIGNED_IN}, **values) is NOT[left] is negated(left)


def test_kleene_columns():
    left, right = np.array([*product(Truth, Truth)], np.int8).T
    assert conjoined_columns(left, right).tolist() == [AND[pair] for pair in product(Truth, Truth)]
    assert disjoined_columns(left, right).tolist() == [OR[pair] for pair in product(Truth, Truth)]
    assert negated_columns(left).tolist() == [NOT[one] for one, _ in product(Truth, Truth)]


def test_only_true_is_true():
    assert [bool(one) for one in (T, F, U)] == [True, False, False]


def failures(written, **values):
    return [(one.path, one.code, one.negated) for one in evaluate(rule(written), facts(**values)).failures]


def test_all_failing_conditions():
    both = {"all": [SIGNED_IN, HOLDOUT]}
    assert failures(both, visitor__signed_in=False) == [
        ("/all/0", "failed", False),
        ("/all/1", "unknown", False),
    ]
    assert failures(both, visitor__signed_in=True, visitor__holdout=False) == [("/all/1", "failed", False)]


def test_alternatives_only_when_none_holds():
    either = {"any": [SIGNED_IN, HOLDOUT]}
    assert failures(either, visitor__signed_in=True) == []
    assert failures(either, visitor__signed_in=False) == [
        ("/any/0", "failed", False),
        ("/any/1", "unknown", False),
    ]


def test_below_not_what_holds_is_in_the_way():
    assert failures({"not": SIGNED_IN}, visitor__signed_in=True) == [("/not", "negated", True)]
    assert failures({"not": SIGNED_IN}) == [("/not", "unknown", True)]
    neither = {"not": {"any": [SIGNED_IN, HOLDOUT]}}
    assert failures(neither, visitor__signed_in=True, visitor__holdout=False) == [
        ("/not/any/0", "negated", True)
    ]
    not_both = {"not": {"all": [SIGNED_IN, HOLDOUT]}}
    assert len(failures(not_both, visitor__signed_in=True, visitor__holdout=True)) == 2
    assert failures(not_both, visitor__signed_in=False, visitor__holdout=True) == []
    assert failures({"not": {"not": SIGNED_IN}}, visitor__signed_in=False) == [("/not/not", "failed", False)]


def test_a_rule_for_everyone():
    assert truth({"everyone": True}) is T


def near_miss(op, actual, **fields):
    written = condition("cart.subtotal", op, currency="EUR", **fields)
    (failure,) = evaluate(rule(written), facts(cart__subtotal=actual)).failures
    return failure.code, failure.expected, failure.actual, failure.missing, failure.unit


def euro(amount):
    return Money(Decimal(amount), "EUR")


def test_near_misses():
    assert near_miss("at_least", euro("37.5"), value="50") == (
        "too_low",
        "50 EUR",
        "37.50 EUR",
        Decimal("12.50"),
        "EUR",
    )
    assert near_miss("between", euro("49.99"), low="50", high="60") == (
        "too_low",
        "50 EUR, 60 EUR",
        "49.99 EUR",
        Decimal("0.01"),
        "EUR",
    )
    assert near_miss("between", euro("61"), low="50", high="60")[:1] == ("too_high",)
    assert near_miss("equals", euro("49"), value="50")[3] == 1
    assert near_miss("equals", euro("51"), value="50")[::3] == ("too_high", None)
    assert near_miss("more_than", euro("50"), value="50")[::3] == ("too_low", None)
    assert near_miss("less_than", euro("50"), value="50")[::3] == ("too_high", None)
    assert near_miss("at_most", euro("50.01"), value="50")[::3] == ("too_high", None)
    dollars = near_miss("at_least", Money(Decimal(70), "USD"), value="50")
    assert dollars == ("currency", "50 EUR", "70 USD", None, "EUR")
    assert near_miss("at_least", None, value="50") == ("unknown", "50 EUR", None, None, "EUR")


def test_nothing_is_missing_where_less_is_wanted():
    (failure,) = evaluate(
        rule({"not": condition("cart.quantity", "less_than", value=5)}), facts(cart__quantity=3)
    ).failures
    assert (failure.code, failure.missing, failure.negated) == ("negated", None, True)


def test_only_what_was_asked_for_is_told():
    written = condition("visitor.bought_item", "all_of", values=["a", "b"])
    bought = {"a": 1, "secret": 2}
    (failure,) = evaluate(rule(written), facts(visitor__bought_items=bought)).failures
    assert (failure.kind, failure.op, failure.expected, failure.actual) == (
        "visitor.bought_item",
        "all_of",
        "“a” and “b”",
        "a",
    )
