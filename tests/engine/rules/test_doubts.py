"""What is valid and hardly meant is told."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import find_doubts, matches
from tests.engine.rules import strategies
from tests.engine.rules.cases import BERLIN, NOW, condition, instant, rule


def doubts(written, **options):
    return [(doubt.path, doubt.code) for doubt in find_doubts(rule(written), **options)]


def both(*nodes):
    return {"all": [*nodes]}


def quantity(op, **fields):
    return condition("cart.quantity", op, **fields)


def euro(op, **fields):
    return condition("cart.subtotal", op, **{"currency": "EUR"} | fields)


def brand(*values, op="any_of"):
    return condition("item.brand", op, values=[*values])


def tag(*values, op="any_of"):
    return condition("item.tag", op, values=[*values])


NEVER = [
    both(quantity("at_least", value=5), quantity("at_most", value=4)),
    both(quantity("at_least", value=5), quantity("less_than", value=5)),
    both(quantity("more_than", value=5), quantity("equals", value=5)),
    both(quantity("between", low=1, high=2), quantity("between", low=3, high=4)),
    both(euro("at_least", value="50.01"), euro("at_most", value="50")),
    both(brand("a"), brand("b")),
    both(brand("a", "b"), brand("b", "a", op="none_of")),
    both(tag("a", op="all_of"), tag("a", "b", op="none_of")),
    both(tag("a"), tag("a", "b", op="none_of")),
    both(condition("visitor.signed_in", "yes"), condition("visitor.signed_in", "no")),
    both(condition("item.age", "within", days=7), condition("item.age", "longer_than", days=7)),
    both(
        condition("visitor.last_order", "within", days=7),
        condition("visitor.last_order", "longer_than", days=9),
    ),
    both(
        condition("context.weekday", "any_of", values=["monday"]),
        condition("context.weekday", "none_of", values=["monday", "sunday"]),
    ),
    both(
        condition("context.dates", "within", until="2026-11-27"),
        condition("context.dates", "within", from_="2026-11-28", until="2026-11-30"),
    ),
    both(brand("a"), both(brand("b"), tag("x"))),
    both(
        condition("visitor.orders", "at_least", value=2, days=30),
        condition("visitor.orders", "equals", value=1, days=30),
    ),
]
POSSIBLE = [
    both(
        condition("visitor.spent", "at_least", value="50", currency="EUR"),
        condition("visitor.spent", "at_most", value="40", currency="EUR", days=30),
    ),
    both(quantity("at_least", value=5), quantity("at_most", value=5)),
    both(quantity("at_least", value=5), quantity("less_than", value="5.5")),
    both(euro("at_least", value="50"), euro("at_most", value="40", currency="USD")),
    both(brand("a", "b"), brand("b", "c")),
    both(tag("a"), tag("b")),
    both(tag("a", "b"), tag("b", op="none_of")),
    both(tag("a", op="none_of"), tag("b", op="none_of")),
    both(brand("a", op="none_of"), brand("b", op="none_of")),
    {"any": [brand("a"), brand("b")]},
    both(brand("a"), {"not": brand("b")}),
    both(condition("item.age", "within", days=7), condition("item.age", "longer_than", days=6)),
    both(
        condition("visitor.bought_item", "any_of", values=["a"], days=30),
        condition("visitor.bought_item", "none_of", values=["a"], days=7),
    ),
    both(
        condition("item.attribute", "any_of", name="color", values=["red"]),
        condition("item.attribute", "any_of", name="size", values=["xl"]),
    ),
]


@pytest.mark.parametrize("written", NEVER)
def test_contradictions(written):
    assert doubts(written) == [("", "never")]
    assert doubts({"any": [{"not": written}, brand("z")]}) == [("/any/0/not", "never")]


@pytest.mark.parametrize("written", POSSIBLE)
def test_what_can_be(written):
    assert doubts(written) == []


@settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, max_examples=80)
@given(data=st.data())
def test_what_is_called_impossible_never_matches(data):
    code = data.draw(
        st.sampled_from(
            ["cart.quantity", "item.brand", "item.tag", "visitor.orders", "item.age", "context.dates"]
        )
    )
    written = {"all": data.draw(st.lists(strategies.conditions(code), min_size=2, max_size=3))}
    assume(("", "never") in doubts(written))
    one = rule(written)
    for case in data.draw(strategies.cases(one.facts))[0]:
        assert not matches(one, case)


def test_everyone():
    assert doubts({"everyone": True}) == [("", "everyone")]


def test_windows():
    assert doubts(condition("context.dates", "within", from_="2026-11-27")) == [("", "no_end")]
    window = condition("context.dates", "within", from_="2026-11-01", until="2026-11-27")
    assert doubts(window) == []
    assert doubts(window, now=NOW) == [("", "over")]
    assert doubts(window, now=instant("2026-11-27T23:59"), zone=BERLIN) == []
    assert doubts(window, now=instant("2026-11-28T00:00"), zone=BERLIN) == [("", "over")]


def test_times_that_the_clock_skips_or_repeats():
    gap = condition("context.dates", "within", from_="2026-03-29T02:30", until="2026-03-30")
    fold = condition("context.dates", "within", from_="2026-10-24", until="2026-10-25T02:30")
    assert (
        doubts(both(gap, {"any": [fold]}), zone=BERLIN)
        == [
            ("", "never"),
            ("/all/0", "skipped"),
            ("/all/1/any/0", "repeated"),
        ][1:]
    )
    assert doubts(gap) == []


def test_a_zone_that_does_not_exist():
    with pytest.raises(InvalidInputError, match="Mars/Phobos"):
        doubts({"everyone": True}, zone="Mars/Phobos")


def test_each_doubt_says_what_it_means():
    (doubt,) = find_doubts(rule({"everyone": True}))
    assert doubt.message == "This is true of everyone."
