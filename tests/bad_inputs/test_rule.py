"""The ``rule`` part of the catalog of bad inputs, written into our rule language.

The catalog speaks of rules in general; every case is written where its meaning is, and refused with all its problems,
quickly and without a traceback. What is about benefits, schedules and rollouts is refused by the forms around a rule.
"""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any, Final

import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import (
    Facts,
    InvalidRuleError,
    Kind,
    Money,
    Scope,
    default_vocabulary,
    evaluate,
    find_cycle,
    find_doubts,
    matches,
    read_aloud,
    read_rule,
)
from tests.bad_inputs.cases import cases

VALUES: Final = [case["value"] for case in cases("rule")]
NOW = 1_795_867_200_000_000


def condition(kind: str = "cart.subtotal", op: str = "at_least", **fields: Any) -> str:
    return json.dumps({"kind": kind, "op": op} | fields)


def amount(value: Any, op: str = "at_least") -> str:
    return condition(op=op, value=value, currency="EUR")


def key(*values: Any) -> str:
    return condition("item.key", "any_of", values=[*values])


SIGNED_IN = condition("visitor.signed_in", "yes")
QUANTITY = "cart.quantity"

#: The case → what is sent, and where (JSON pointer) with which code it is refused.
REFUSED: Final[dict[str, tuple[str | bytes, str, str]]] = {
    "": ("", "", "json"),
    "null": ("null", "", "type"),
    "[]": ("[]", "", "type"),
    "{}": ("{}", "", "form"),
    "[1]": ("[1]", "", "type"),
    '{"op":"eval"}': ('{"op":"eval"}', "", "form"),
    '{"op":"and","args":[]}': ('{"op":"and","args":[]}', "", "form"),
    '{"op":"not"}': ('{"op":"not"}', "", "form"),
    "make: 10000 nested and": ('{"all":[' * 10_000 + SIGNED_IN + "]}" * 10_000, "", "size"),
    "make: 10000 siblings": ('{"all":[' + ",".join(["{}"] * 10_000) + "]}", "/all", "nodes"),
    "unknown field": (condition("cart.weight", value="1"), "/kind", "kind"),
    "unknown op": (amount("1", op="roughly"), "/op", "operator"),
    "field user.password": (condition("user.password", "equals", value="x"), "/kind", "kind"),
    "field user__groups__name": (condition("user__groups__name", "equals", value="x"), "/kind", "kind"),
    "field __class__": (condition("__class__", "equals", value="x"), "/kind", "kind"),
    "field order.payment_token": (condition("order.payment_token", "equals", value="x"), "/kind", "kind"),
    "op regex (a+)+$ on 40 a's": (condition("item.key", "regex", values=["(a+)+$"]), "/op", "operator"),
    "op in with 1e6 values": (key(*[f"k{number}" for number in range(1_000_000)]), "", "size"),
    "in []": (key(), "/values", "count"),
    "between [5,1]": (condition(QUANTITY, "between", low=5, high=1), "/high", "range"),
    'between ["a",1]': (condition(QUANTITY, "between", low="a", high=1), "/low", "type"),
    "compare price to text": (amount("expensive"), "/value", "type"),
    "compare date to naive date": (
        # All times are the shop's; those with an offset would say something else than they are read as.
        condition("context.dates", "within", **{"from": "2026-11-27T18:00+01:00"}),
        "/from",
        "time",
    ),
    "compare with NaN": ('{"kind":"cart.subtotal","op":"at_least","value":NaN,"currency":"EUR"}', "", "json"),
    "compare with null": (amount(None), "/value", "type"),
    "gt true": (condition(QUANTITY, "more_than", value=True), "/value", "type"),
    "age field (special category flagged)": (condition("visitor.age", value=18), "/kind", "kind"),
    "gender field": (condition("visitor.gender", "any_of", values=["f"]), "/kind", "kind"),
    "religion segment": (condition("visitor.religion", "any_of", values=["x"]), "/kind", "kind"),
    "postcode segment (proxy)": (condition("visitor.postcode", "any_of", values=["10115"]), "/kind", "kind"),
    "weekday 8": (condition("context.weekday", "any_of", values=[8]), "/values/0", "type"),
    "cron * * * * * *": (condition("context.cron", "within", values=["* * * * * *"]), "/kind", "kind"),
    "extra keys": (json.dumps({"everyone": True, "label": "x"}), "/label", "keys"),
    "duplicate keys": ('{"kind":"visitor.signed_in","op":"yes","op":"no"}', "/op", "duplicate"),
    "utf-16": (SIGNED_IN.encode("utf-16"), "", "encoding"),
    "5 MB rule": (key("x" * 5_000_000), "", "size"),
    "rule naming future model field": (condition("item.nutriscore", "any_of", values=["A"]), "/kind", "kind"),
    "python lambda text": (json.dumps("lambda visitor: True"), "", "type"),
    "html in label": (
        json.dumps({"label": "<script>alert(1)</script>"} | json.loads(SIGNED_IN)),
        "/label",
        "keys",
    ),
    "id 2**63": (key(2**63), "/values/0", "type"),
}

#: Texts that are right, because they are only ever compared: the case → the value.
INERT: Final = {
    "{{ }} in value": "{{ settings.SECRET_KEY }} {0.__class__} %(x)s",
    "sql in value": "'; DROP TABLE personalization_item; --",
    "emoji id": "🛒" * 60,
    "rule on deleted category": "a category that is gone",
    "rule on deleted product": "SKU-that-is-gone",
}

#: Cases with a test of their own below.
TESTED: Final = {
    "self-reference by id": "test_a_segment_that_asks_for_itself",
    "two rules in a cycle": "test_two_segments_in_a_cycle",
    "currency mismatch": "test_another_currency_is_unknown",
    "tz Mars/Phobos": "test_a_zone_that_does_not_exist",
    "schedule 02:30 at DST gap": "test_a_time_that_the_clock_skips",
}

#: What is not in the text of a rule → the form that refuses it.
ABOUT_FORMS: Final = {
    "discount -10": "promotion: its benefit",
    "discount 110 %": "promotion: its benefit",
    "discount 1e-9": "promotion: its benefit",
    "priority equal on two rules": "promotion: right, the lower id comes first",
    "priority 1e309": "promotion: its priority",
    "percentage rollout 101": "campaign: its holdout share",
    "rollout -1": "campaign: its holdout share",
    "rollout 33.333333333": "campaign: its holdout share",
    "seed null": "campaign: nobody writes a seed, the assignment hashes the campaign's own key",
    "frequency cap 0": "campaign: its frequency cap",
    "frequency cap -1": "campaign: its frequency cap",
    "cap per '' day": "campaign: its frequency cap",
    "version 0": "promotion: the version that was edited, against a lost update",
    "version 999": "promotion: the version that was edited, against a lost update",
}

#: What does not exist here, with the reason.
NOT_OURS: Final = {
    "price rule per user w/o disclosure text": "rules choose what is shown or granted to everybody who matches; none sets a price"
}


def read(text: str | bytes) -> Any:
    return read_rule(text, default_vocabulary(), scopes=frozenset(Scope))


def test_every_case_is_mapped() -> None:
    mapped = [*REFUSED, *INERT, *TESTED, *ABOUT_FORMS, *NOT_OURS]
    assert sorted(mapped) == sorted(VALUES)
    assert len(VALUES) == 65
    assert all(name in globals() for name in TESTED.values())


@pytest.mark.parametrize("value", REFUSED)
def test_it_is_refused(value: str) -> None:
    text, path, code = REFUSED[value]
    start = time.process_time()
    with pytest.raises(InvalidRuleError) as raised:
        read(text)
    assert time.process_time() - start < 0.5
    assert (path, code) in [(problem.path, problem.code) for problem in raised.value.problems]
    assert len(str(raised.value)) < 2_000
    str(raised.value).encode()


@pytest.mark.parametrize("value", INERT)
def test_texts_are_only_compared(value: str) -> None:
    text = INERT[value]
    rule = read(key(text))
    assert matches(rule, Facts({"item.key": text}, NOW))
    assert not matches(rule, Facts({"item.key": "another"}, NOW))
    assert read_aloud(rule) == f"the item is “{text}”"


def segment(*names: str) -> Any:
    return read(condition("visitor.segment", "any_of", values=[*names]))


def test_a_segment_that_asks_for_itself() -> None:
    assert find_cycle("a", segment("a"), {}) == ("a", "a")
    assert evaluate(segment("a"), Facts({}, NOW), {"a": segment("a")}).truth == -1


def test_two_segments_in_a_cycle() -> None:
    assert find_cycle("a", segment("b"), {"b": segment("a")}) == ("a", "b", "a")
    assert not matches(segment("a"), Facts({}, NOW), {"a": segment("b"), "b": segment("a")})


def test_another_currency_is_unknown() -> None:
    facts = Facts({"cart.subtotal": Money(Decimal(100), "USD")}, NOW)
    verdict = evaluate(read(amount("50")), facts)
    assert (verdict.truth, verdict.failures[0].code) == (-1, "currency")
    assert not matches(read(json.dumps({"not": json.loads(amount("50"))})), facts)


def test_a_zone_that_does_not_exist() -> None:
    with pytest.raises(InvalidInputError, match="Mars/Phobos"):
        find_doubts(read(SIGNED_IN), zone="Mars/Phobos")


def test_a_time_that_the_clock_skips() -> None:
    """Whether it is skipped depends on the zone, which a rule does not know: a doubt, and the change itself counts."""
    written = {"from": "2026-03-29T02:30", "until": "2026-03-30"}
    rule = read(condition("context.dates", "within", **written))
    assert [doubt.code for doubt in find_doubts(rule, zone="Europe/Berlin")] == ["skipped"]
    change = 1_774_746_000_000_000  # 2026-03-29 01:00 UTC
    assert not matches(rule, Facts({}, change - 1, "Europe/Berlin"))
    assert matches(rule, Facts({}, change, "Europe/Berlin"))


def test_what_is_sensitive_cannot_be_added_either() -> None:
    class Religion(Kind):
        code, scope, sensitive = "visitor.religion", Scope.VISITOR, True

        def facts(self, condition: Any) -> Any:
            return {}

        def decide(self, condition: Any, facts: Facts) -> Any:
            return None

    with pytest.raises(InvalidInputError, match="sensitive"):
        default_vocabulary().extended(Religion())
