"""Known answers of every kind, on its boundaries too. Each line: a condition, a fact, what is true."""

from __future__ import annotations

from decimal import Decimal

import pytest

from personalization.engine.rules import Money, OpenTexts, OrderFact, Truth, default_vocabulary, evaluate
from tests.engine.rules.cases import DAY, NOW, condition, facts, rule

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def euro(amount):
    return Money(Decimal(amount), "EUR")


def order(amount="10", days=0, currency="EUR"):
    return OrderFact(NOW - days * DAY, None if amount is None else Decimal(amount), currency)


def amount(kind, op, **fields):
    return condition(kind, op, currency="EUR", **fields)


COMPARED = [
    (op, fields, actual, truth)
    for op, fields, truths in [
        ("at_least", {"value": "20.05"}, [F, T, T]),
        ("at_most", {"value": "20.05"}, [T, T, F]),
        ("more_than", {"value": "20.05"}, [F, F, T]),
        ("less_than", {"value": "20.05"}, [T, F, F]),
        ("equals", {"value": "20.05"}, [F, T, F]),
        ("between", {"low": "20.05", "high": "20.05"}, [F, T, F]),
        ("between", {"low": "20", "high": "20.05"}, [T, T, F]),
    ]
    for actual, truth in zip(["20.0499", "20.0500", "20.0501"], truths, strict=True)
]

TEXT = {
    "cart.currency": ("EUR", "USD"),
    "visitor.country": ("DE", "CN"),
    "item.key": ("SKU-1", "sku-1"),
    "item.category": ("Sleeping bags", "Tents"),
    "item.brand": ("café", "cafe"),
    "context.store": ("b2b", "b2c"),
    "context.device": ("mobile", "tablet"),
    "context.language": ("zh-hans", "de"),
}
TEXTS = {
    "cart.has_item": "cart.items",
    "cart.has_category": "cart.categories",
    "cart.has_brand": "cart.brands",
    "cart.has_tag": "cart.tags",
    "item.tag": "item.tags",
    "context.code": "context.code",
}
MOMENTS = {
    f"visitor.{did}_{one}": f"visitor.{did}_{many}"
    for did in ("bought", "viewed")
    for one, many in [("item", "items"), ("category", "categories"), ("brand", "brands"), ("tag", "tags")]
}
FLAGS = ["visitor.signed_in", "visitor.holdout"]
SINCE = {"visitor.last_seen": "visitor.last_seen", "item.age": "item.listed_at"}
#: Those of the clock: tests/engine/rules/test_wall_time.py; of segments: test_segments.py.
ELSEWHERE = {"context.dates", "context.hours", "context.weekday", "visitor.returning", "visitor.segment"}


def of_texts(kind, fact, values):
    """Conditions on several texts with `values`, of which 'a' is meant and 'b' is not."""
    known, nothing = values
    return [
        (condition(kind, "any_of", values=["a", "c"]), fact, known, T),
        (condition(kind, "any_of", values=["c"]), fact, known, F),
        (condition(kind, "any_of", values=["A"]), fact, known, F),
        (condition(kind, "all_of", values=["a", "b"]), fact, known, T),
        (condition(kind, "all_of", values=["a", "c"]), fact, known, F),
        (condition(kind, "none_of", values=["c", "d"]), fact, known, T),
        (condition(kind, "none_of", values=["a", "c"]), fact, known, F),
        (condition(kind, "any_of", values=["a"]), fact, nothing, F),
        (condition(kind, "all_of", values=["a"]), fact, nothing, F),
        (condition(kind, "none_of", values=["a"]), fact, nothing, T),
        (condition(kind, "any_of", values=["a"]), fact, None, U),
        (condition(kind, "all_of", values=["a"]), fact, None, U),
        (condition(kind, "none_of", values=["a"]), fact, None, U),
    ]


def of_moments(kind, fact):
    edge = {"a": NOW - 30 * DAY, "b": NOW - 30 * DAY - 1}
    return [
        (condition(kind, "any_of", values=["a"], days=30), fact, edge, T),
        (condition(kind, "any_of", values=["b"], days=30), fact, edge, F),
        (condition(kind, "all_of", values=["a", "b"], days=30), fact, edge, F),
        (condition(kind, "none_of", values=["b"], days=30), fact, edge, T),
        (condition(kind, "any_of", values=["b"]), fact, edge, T),
    ]


ORDERS = [
    (condition("visitor.orders", "at_least", value=1), (), F),
    (condition("visitor.orders", "equals", value=0), (), T),
    (condition("visitor.orders", "at_least", value=2), (order(), order(None)), T),
    (condition("visitor.orders", "at_least", value=2, days=30), (order(days=30), order(days=31)), F),
    (condition("visitor.orders", "equals", value=1, days=30), (order(days=30), order(days=31)), T),
    (condition("visitor.orders", "at_least", value=1), None, U),
    (amount("visitor.spent", "at_least", value="20"), (order("9.99"), order("10.01")), T),
    (amount("visitor.spent", "at_least", value="20.01"), (order("9.99"), order("10.01")), F),
    (amount("visitor.spent", "at_least", value="20", days=1), (order("19", 1), order("1", 2)), F),
    (amount("visitor.spent", "at_most", value="0"), (), T),
    (amount("visitor.spent", "at_least", value="1"), None, U),
    # What is not known, or in another currency, may be worth anything: what is known may settle it all the same.
    (amount("visitor.spent", "at_least", value="10"), (order("10"), order(None)), T),
    (amount("visitor.spent", "at_least", value="11"), (order("10"), order(None)), U),
    (amount("visitor.spent", "at_least", value="11"), (order("10"), order("99", currency="USD")), U),
    (amount("visitor.spent", "more_than", value="10"), (order("10"), order(None)), U),
    (amount("visitor.spent", "at_most", value="10"), (order("10"), order(None)), U),
    (amount("visitor.spent", "at_most", value="9"), (order("10"), order(None)), F),
    (amount("visitor.spent", "less_than", value="10"), (order("10"), order(None)), F),
    (amount("visitor.spent", "equals", value="10"), (order("10"), order(None)), U),
    (amount("visitor.spent", "equals", value="9"), (order("10"), order(None)), F),
    (amount("visitor.spent", "between", low="1", high="10"), (order("10"), order(None)), U),
    (amount("visitor.spent", "between", low="1", high="9"), (order("10"), order(None)), F),
    (condition("visitor.last_order", "within", days=30), (order(days=99), order(days=30)), T),
    (condition("visitor.last_order", "longer_than", days=30), (order(days=99), order(days=30)), F),
    (condition("visitor.last_order", "longer_than", days=30), (order(days=31),), T),
    (condition("visitor.last_order", "within", days=30), (), F),
    (condition("visitor.last_order", "longer_than", days=30), (), F),
    (condition("visitor.last_order", "within", days=30), None, U),
]

CASES = [
    *[(amount("cart.subtotal", op, **fields), "cart.subtotal", euro(is_), truth) for op, fields, is_, truth in COMPARED],
    *[(amount("item.price", op, **fields), "item.price", euro(is_), truth) for op, fields, is_, truth in COMPARED],
    *[(condition(kind, op, **fields), kind, Decimal(is_), truth) for kind in ("cart.quantity", "item.stock") for op, fields, is_, truth in COMPARED],
    *[(amount(kind, "at_least", value="0"), kind, Money(Decimal(1), "USD"), U) for kind in ("cart.subtotal", "item.price")],
    *[(amount(kind, "at_least", value="0"), kind, None, U) for kind in ("cart.subtotal", "item.price")],
    *[(condition(kind, "at_most", value=3), kind, 3, T) for kind in ("cart.quantity", "item.stock")],
    *[(condition(kind, "at_most", value=3), kind, None, U) for kind in ("cart.quantity", "item.stock")],
    *[(condition(kind, "any_of", values=[yes]), kind, yes, T) for kind, (yes, _) in TEXT.items()],
    *[(condition(kind, "any_of", values=[yes]), kind, no, F) for kind, (yes, no) in TEXT.items()],
    *[(condition(kind, "none_of", values=[yes]), kind, no, T) for kind, (yes, no) in TEXT.items()],
    *[(condition(kind, "none_of", values=[yes, no]), kind, no, F) for kind, (yes, no) in TEXT.items()],
    *[(condition(kind, "any_of", values=[yes]), kind, None, U) for kind, (yes, _) in TEXT.items()],
    *[(condition(kind, "none_of", values=[yes]), kind, None, U) for kind, (yes, _) in TEXT.items()],
    (condition("item.attribute", "any_of", name="color", values=["red"]), "item.attribute:color", "red", T),
    (condition("item.attribute", "any_of", name="color", values=["red"]), "item.attribute:size", "red", U),
    (condition("item.attribute", "none_of", name="color", values=["red"]), "item.attribute:color", "blue", T),
    *[case for kind, fact in TEXTS.items() for case in of_texts(kind, fact, (frozenset("ab"), frozenset()))],
    *[case for kind, fact in TEXTS.items() for case in of_texts(kind, fact, ({"a": Decimal(1), "b": Decimal(2)}, {}))],
    *[case for kind, fact in MOMENTS.items() for case in of_texts(kind, fact, ({"a": NOW, "b": 0}, {}))],
    *[case for kind, fact in MOMENTS.items() for case in of_moments(kind, fact)],
    *[(condition(kind, op), kind, flag, truth) for kind in FLAGS for op, flag, truth in [("yes", True, T), ("yes", False, F), ("no", True, F), ("no", False, T), ("yes", None, U), ("no", None, U)]],
    *[(condition(kind, "within", days=7), fact, NOW - 7 * DAY, T) for kind, fact in SINCE.items()],
    *[(condition(kind, "within", days=7), fact, NOW - 7 * DAY - 1, F) for kind, fact in SINCE.items()],
    *[(condition(kind, "longer_than", days=7), fact, NOW - 7 * DAY - 1, T) for kind, fact in SINCE.items()],
    *[(condition(kind, "longer_than", days=7), fact, NOW - 7 * DAY, F) for kind, fact in SINCE.items()],
    *[(condition(kind, "within", days=7), fact, NOW + DAY, T) for kind, fact in SINCE.items()],
    *[(condition(kind, "within", days=7), fact, None, U) for kind, fact in SINCE.items()],
    *[(written, "visitor.orders", orders, truth) for written, orders, truth in ORDERS],
]  # fmt: skip


@pytest.mark.parametrize(("written", "fact", "value", "truth"), CASES)
def test_known_answers(written, fact, value, truth):
    verdict = evaluate(rule(written), facts(**{fact.replace(".", "__"): value}))
    assert verdict.truth is truth
    assert all(failure.kind == written["kind"] for failure in verdict.failures)


@pytest.mark.parametrize(
    ("op", "values", "truth"),
    [
        ("any_of", "a", T),
        ("any_of", "b", U),
        ("all_of", "a", T),
        ("all_of", "ab", U),
        ("none_of", "ab", F),
        ("none_of", "b", U),
    ],
)
def test_of_texts_that_may_not_be_all_only_what_is_there_is_known(op, values, truth):
    written = condition("cart.has_category", op, values=list(values))
    assert evaluate(rule(written), facts(cart__categories=OpenTexts("a"))).truth is truth


def test_no_kind_is_forgotten():
    tested = {written["kind"] for written, *_ in CASES}
    assert tested | ELSEWHERE == {kind.code for kind in default_vocabulary()}
    assert not tested & ELSEWHERE


@pytest.mark.parametrize(
    ("written", "fact", "value", "actual"),
    [
        (condition("visitor.last_seen", "within", days=7), "visitor.last_seen", NOW - 8 * DAY - 1, "8"),
        (condition("visitor.last_order", "within", days=7), "visitor.orders", (order(days=9),), "9"),
        (condition("visitor.last_order", "within", days=7), "visitor.orders", (), ""),
        (condition("visitor.signed_in", "yes"), "visitor.signed_in", False, "no"),
        (condition("item.brand", "any_of", values=["A"]), "item.brand", "B", "B"),
        (condition("cart.quantity", "at_least", value=5), "cart.quantity", Decimal("2.500"), "2.50"),
        (condition("visitor.returning", "yes"), "visitor.first_seen", NOW, "no"),
    ],
)
def test_what_is(written, fact, value, actual):
    (failure,) = evaluate(rule(written), facts(**{fact.replace(".", "__"): value})).failures
    assert failure.actual == actual


def test_what_the_clock_shows():
    written = {
        "all": [
            condition("context.dates", "within", from_="2026-11-29"),
            condition("context.dates", "within", until="2026-11-27"),
            condition("context.hours", "within", from_="13:00", until="14:00"),
            condition("context.weekday", "any_of", values=["monday", "sunday"]),
        ]
    }
    told = [(one.code, one.expected, one.actual) for one in evaluate(rule(written), facts()).failures]
    assert told == [
        ("too_early", "2026-11-29", "2026-11-28 12:00"),
        ("too_late", "2026-11-27", "2026-11-28 12:00"),
        ("failed", "13:00, 14:00", "12:00"),
        ("failed", "Monday or Sunday", "saturday"),
    ]
