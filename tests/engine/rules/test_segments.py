"""Segments inside rules are evaluated as they are now; those without an end are unknown."""

from __future__ import annotations

import pytest

from personalization.engine.rules import Truth, evaluate, find_cycle
from personalization.engine.rules.segments import MAX_CHAIN, is_finite, with_segments
from personalization.engine.rules.verdict import decided_rule
from tests.engine.rules.cases import condition, facts, rule

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
YES = rule({"everyone": True})
NO = rule({"not": condition("context.weekday", "any_of", values=["saturday"])})
MAYBE = rule(condition("visitor.signed_in", "yes"))
SEGMENTS = {"yes": YES, "no": NO, "maybe": MAYBE}


def asks(*names, op="any_of"):
    return rule(condition("visitor.segment", op, values=[*names]))


@pytest.mark.parametrize(
    ("op", "names", "truth"),
    [
        ("any_of", ["yes"], T),
        ("any_of", ["no"], F),
        ("any_of", ["maybe"], U),
        ("any_of", ["gone"], U),
        ("any_of", ["yes", "gone"], T),
        ("any_of", ["no", "gone"], U),
        ("all_of", ["yes", "maybe"], U),
        ("all_of", ["no", "maybe"], F),
        ("all_of", ["yes"], T),
        ("none_of", ["no"], T),
        ("none_of", ["no", "maybe"], U),
        ("none_of", ["yes", "maybe"], F),
    ],
)
def test_known_answers(op, names, truth):
    assert evaluate(asks(*names, op=op), facts(), SEGMENTS).truth is truth


def test_the_verdict_names_the_segments_that_one_is_in():
    (failure,) = evaluate(asks("yes", "no", op="all_of"), facts(), SEGMENTS).failures
    assert (failure.expected, failure.actual) == ("“no” and “yes”", "yes")
    (failure,) = evaluate(asks("gone"), facts(), SEGMENTS).failures
    assert (failure.code, failure.actual) == ("unknown", None)


def test_a_segment_that_leads_back_to_itself_is_unknown():
    segments = {"a": asks("b"), "b": asks("c"), "c": asks("a"), "self": asks("self"), "outside": asks("a")}
    for name in segments:
        assert not is_finite(name, segments)
        assert evaluate(asks(name), facts(), segments).truth is U


def test_long_chains_end():
    def chain(length):
        return {f"s{number}": asks(f"s{number + 1}") for number in range(length - 1)} | {
            f"s{length - 1}": YES
        }

    assert evaluate(asks("s0"), facts(), chain(MAX_CHAIN)).truth is T
    assert evaluate(asks("s0"), facts(), chain(MAX_CHAIN + 1)).truth is U
    assert evaluate(asks("s0"), facts(), chain(10_000)).truth is U


def test_cycles_are_found_before_they_are_stored():
    segments = {"b": asks("c", "d"), "c": asks("a"), "d": YES}
    assert find_cycle("a", asks("b"), segments) == ("a", "b", "c", "a")
    assert find_cycle("a", asks("a"), segments) == ("a", "a")
    assert find_cycle("x", asks("b"), segments) == ()
    assert find_cycle("a", YES, segments) == ()
    assert find_cycle("a", asks("gone"), segments) == ()


def test_a_cycle_of_others_does_not_hold_the_search_up():
    segments = {"b": asks("c"), "c": asks("b")}
    assert find_cycle("a", asks("b"), segments) == ()
    many = {f"s{number}": asks(f"s{number + 1}") for number in range(5_000)}
    assert len(find_cycle("s5000", asks("s0"), many)) == 5_002


def test_kinds_still_see_the_facts():
    case = facts(visitor__signed_in=True)
    extended = with_segments(case, SEGMENTS, decided_rule)
    assert {**extended.values} == case.values
    assert len(extended.values) == 1
    assert [extended.find(f"segment:{name}") for name in ("yes", "no", "maybe", "gone")] == [
        True,
        False,
        True,
        None,
    ]
