"""Rules in plain words, in any language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from personalization.engine.rules import conditions, default_vocabulary, read_aloud, read_condition
from tests.engine.rules import strategies
from tests.engine.rules.cases import condition, rule

SIGNED_IN = condition("visitor.signed_in", "yes")
HOLDOUT = condition("visitor.holdout", "no")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"everyone": True}, "everyone"),
        (SIGNED_IN, "the visitor is signed in"),
        ({"all": [SIGNED_IN]}, "the visitor is signed in"),
        ({"all": [SIGNED_IN, HOLDOUT]}, "the visitor is signed in, and the visitor is not in the holdout"),
        ({"any": [SIGNED_IN, HOLDOUT, SIGNED_IN]}, "the visitor is signed in, or the visitor is not in the holdout, or the visitor is signed in"),
        ({"not": {"any": [SIGNED_IN, HOLDOUT]}}, "it is not so that (the visitor is signed in, or the visitor is not in the holdout)"),
        ({"all": [SIGNED_IN, {"any": [SIGNED_IN, HOLDOUT]}]}, "the visitor is signed in, and (the visitor is signed in, or the visitor is not in the holdout)"),
        (condition("cart.subtotal", "at_least", value="50", currency="EUR"), "the value of the cart is at least 50 EUR"),
        (condition("cart.subtotal", "between", low="9.5", high="1234.5678", currency="KWD"), "the value of the cart is between 9.50 KWD and 1234.5678 KWD"),
        (condition("cart.quantity", "equals", value="2.5"), "the number of pieces in the cart is exactly 2.5"),
        (condition("visitor.spent", "more_than", value="100", currency="EUR", days=1), "what the visitor spent is more than 100 EUR in the last day"),
        (condition("visitor.orders", "less_than", value=3, days=365), "the number of the visitor’s orders is less than 3 in the last 365 days"),
        (condition("visitor.bought_category", "any_of", values=["Tents", "Sleeping bags"], days=365), "the visitor bought something of the category “Sleeping bags” or “Tents” in the last 365 days"),
        (condition("visitor.bought_tag", "all_of", values=["a", "b", "c"]), "the visitor bought something with each of the tags “a”, “b” and “c”"),
        (condition("visitor.viewed_brand", "none_of", values=["x"]), "the visitor viewed nothing of the brand “x”"),
        (condition("item.key", "any_of", values=[f"{n:02}" for n in range(20)]), "the item is “00”, “01”, “02”, “03”, “04”, “05”, “06”, “07” … (20 in all)"),
        (condition("item.attribute", "none_of", name="color", values=["red"]), "the item’s attribute “color” is not “red”"),
        (condition("visitor.country", "any_of", values=["de", "at"]), "the visitor’s country is AT or DE"),
        (condition("context.device", "any_of", values=["tablet", "mobile"]), "the device is a phone or a tablet"),
        (condition("context.weekday", "any_of", values=["sunday", "monday"]), "today is Monday or Sunday"),
        (condition("context.hours", "within", from_="22:00", until="06:00"), "the clock is between 22:00 and 06:00"),
        (condition("context.dates", "within", from_="2026-11-27", until="2026-11-30T18:00"), "it is from 2026-11-27 until 2026-11-30 18:00"),
        (condition("context.dates", "within", from_="2026-11-27T18:00:30"), "it is 2026-11-27 18:00:30 or later"),
        (condition("context.dates", "within", until="2026-11-30"), "it is 2026-11-30 or earlier"),
        (condition("context.dates", "within", until="2026-11-30T18:00"), "it is before 2026-11-30 18:00"),
        (condition("item.age", "within", days=14), "the item came into the shop at most 14 days ago"),
        (condition("visitor.last_order", "longer_than", days=90), "the visitor last ordered more than 90 days ago"),
        (condition("visitor.segment", "any_of", values=["vip"]), "the visitor is in the segment “vip”"),
        (condition("item.key", "any_of", values=["{values} {0.__class__}"]), "the item is “{values} {0.__class__}”"),
    ],
)  # fmt: skip
def test_sentences(written, sentence):
    assert read_aloud(rule(written)) == sentence


CHINESE = {
    "{first}, and {next}": "{first}，并且{next}",
    "the value of the cart": "购物车金额",
    "{subject} is at least {value}": "{subject}至少为 {value}",
    "the visitor bought something of the category {values}": "访客买过{values}类的商品",
    "{sentence} in the last {days} days": "最近 {days} 天内{sentence}",
    "“{text}”": "“{text}”",
}


def test_in_another_language():
    written = {
        "all": [
            condition("cart.subtotal", "at_least", value="50", currency="EUR"),
            condition("visitor.bought_category", "any_of", values=["帐篷"], days=30),
        ]
    }
    sentence = read_aloud(rule(written), translate=CHINESE.__getitem__)
    assert sentence == "购物车金额至少为 50 EUR，并且最近 30 天内访客买过“帐篷”类的商品"


@settings(deadline=None)
@given(strategies.rules())
def test_every_rule_can_be_read(written):
    one = rule(written)
    sentence = read_aloud(one)
    assert sentence
    assert not re.search(r"[{}]", sentence)
    for _, found in conditions(one.root):
        assert read_condition(found) in sentence


def test_every_operator_and_choice_has_a_word():
    for kind in default_vocabulary():
        assert all(field.choices.keys() <= set(field.choices) for field in kind.fields)
        assert {operator.code for operator in kind.operators} == kind.sentences.keys()
