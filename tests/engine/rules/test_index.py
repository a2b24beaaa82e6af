"""The index finds exactly the rules that match, and looks at few others."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.engine.rules import RuleIndex, matches
from tests.engine.rules import strategies
from tests.engine.rules.cases import NOW, condition, facts, rule


@settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, max_examples=60)
@given(data=st.data())
def test_the_index_finds_what_matches_one_by_one(data):
    rules = dict(enumerate(map(rule, data.draw(st.lists(strategies.rules(), max_size=6)))))
    segments = {"one": rule(data.draw(strategies.rules())), "two": rule({"everyone": True})}
    names = set().union(*[one.facts for one in [*rules.values(), *segments.values()]])
    index = RuleIndex(rules)
    for case in data.draw(strategies.cases(names))[0]:
        found = index.matching(case, segments)
        assert found == [key for key, one in rules.items() if matches(one, case, segments)]
        assert set(found) <= set(index.candidates(case, segments))


def bought(*values, op="any_of"):
    return condition("visitor.bought_item", op, values=[*values])


def of_brand(*values, op="any_of"):
    return condition("item.brand", op, values=[*values])


def candidates(rules, **values):
    return RuleIndex({name: rule(written) for name, written in rules.items()}).candidates(facts(**values))


def test_what_a_rule_is_filed_under():
    rules = {
        "any": bought("a", "b"),
        "all": bought("a", "b", op="all_of"),
        "none": bought("a", op="none_of"),
        "not": {"not": bought("a")},
        "half": {"any": [bought("a"), condition("visitor.signed_in", "yes")]},
        "either": {"any": [bought("a"), of_brand("x")]},
        "everyone": {"everyone": True},
    }
    always = ["none", "not", "half", "everyone"]
    assert candidates(rules) == always
    assert candidates(rules, visitor__bought_items={}) == always
    assert candidates(rules, visitor__bought_items={"a": NOW}) == [
        name for name in rules if name in {"any", "all", "either", *always}
    ]
    assert candidates(rules, visitor__bought_items={"b": NOW}) == ["any", *always]
    assert candidates(rules, item__brand="x") == [name for name in rules if name in {"either", *always}]
    assert candidates(rules, visitor__bought_items={str(n): NOW for n in range(999)}) == always


def test_a_rule_is_filed_under_what_fewest_ask_for():
    rules = {n: {"all": [of_brand("common"), bought(f"item {n}")]} for n in range(50)}
    assert candidates(rules, item__brand="common", visitor__bought_items={"item 7": NOW}) == [7]
    rules = {n: {"all": [bought("common"), of_brand(f"brand {n}")]} for n in range(50)}
    assert candidates(rules, item__brand="brand 7", visitor__bought_items={"common": NOW}) == [7]


def test_rules_for_segments_are_found_by_those_that_hold():
    asks = {
        name: rule(condition("visitor.segment", "any_of", values=[name])) for name in ("in", "out", "gone")
    }
    either = {"either": rule(condition("visitor.segment", "any_of", values=["in", "out"]))}
    index = RuleIndex(asks | either)
    segments = {"in": rule({"everyone": True}), "out": rule(condition("visitor.signed_in", "yes"))}
    assert index.candidates(facts(), segments) == index.matching(facts(), segments) == ["in", "either"]
    assert index.candidates(facts()) == []


def test_a_kind_without_anchors_is_always_looked_at():
    assert candidates({"orders": condition("visitor.orders", "equals", value=0)}) == ["orders"]


def test_an_index_of_nothing():
    assert RuleIndex({}).matching(facts()) == []
