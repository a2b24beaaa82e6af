"""Rules are read strictly, and everything that is wrong is told at once."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import InvalidRuleError, Scope
from tests.engine.rules import strategies
from tests.engine.rules.cases import condition, problems, rule

SIGNED_IN = condition("visitor.signed_in", "yes")
SUBTOTAL = {"kind": "cart.subtotal", "op": "at_least", "value": "50", "currency": "EUR"}


def codes(written, **options):
    return [(problem.path, problem.code) for problem in problems(written, **options)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json"),
        ("nonsense", "json"),
        ("{", "json"),
        ('{"everyone": true} x', "json"),
        ('{"everyone": NaN}', "json"),
        ('{"everyone": -Infinity}', "json"),
        ("null", "type"),
        ("[]", "type"),
        ("[1]", "type"),
        ("1e400", "type"),
        ("9" * 5000, "type"),
        ("{}", "form"),
        ('{"everyone": 1}', "everyone"),
        ('{"everyone": false}', "everyone"),
        ('{"everyone": true, "everyone": true}', "duplicate"),
        ("\ufeff{}", "json"),
        ("\ud800", "encoding"),
        (b"\xff\xfe{\x00}\x00", "encoding"),
        (" " * 65_537, "size"),
        ("é" * 40_000, "size"),
        ("[" * 60_000, "depth"),
        ('{"not":' * 9_000, "depth"),
    ],
)
def test_texts_that_are_no_rule(text, code):
    start = time.perf_counter()
    found = problems(text)
    assert time.perf_counter() - start < 0.5
    assert found[0].code == code
    assert found[0].path in ("", "/everyone")


def test_the_error_names_the_rule_and_says_all():
    with pytest.raises(InvalidRuleError) as raised:
        rule({"all": [{"kind": "a", "op": "b"}, {"any": []}]})
    assert isinstance(raised.value, InvalidInputError)
    assert (raised.value.field, raised.value.code) == ("rule", "kind")
    assert (
        str(raised.value)
        == "rule: /all/0/kind: there is no kind 'a'; /all/1/any: an empty group says nothing"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"all": []}, [("/all", "empty")]),
        ({"all": SIGNED_IN}, [("/all", "type")]),
        ({"not": [SIGNED_IN]}, [("/not", "type")]),
        ({"any": [1, None, "x"]}, [("/any/0", "type"), ("/any/1", "type"), ("/any/2", "type")]),
        ({"all": [SIGNED_IN], "any": [SIGNED_IN]}, [("/any", "keys")]),
        ({"all": [SIGNED_IN], "a/b~": 1}, [("/a~1b~0", "keys")]),
        ({"all": [{"everyone": True}]}, [("/all/0/everyone", "everyone")]),
        ({"kind": "visitor.signed_in"}, [("/op", "operator")]),
        ({"kind": "visitor.signed_in", "op": ["yes"]}, [("/op", "operator")]),
        ({"kind": ["visitor.signed_in"], "op": "yes"}, [("/kind", "kind")]),
        ({"op": "yes"}, [("", "form")]),
        (SIGNED_IN | {"value": True}, [("/value", "keys")]),
        (SIGNED_IN | {"\ud800": 1}, [("/\\ud800", "keys")]),
        (SUBTOTAL | {"low": "1"}, [("/low", "keys")]),
        (
            {"kind": "cart.subtotal", "op": "between"},
            [("/low", "required"), ("/high", "required"), ("/currency", "required")],
        ),
    ],
)
def test_shapes_that_are_refused(written, expected):
    assert codes(written) == expected


AMOUNTS = [
    12.5,
    50,
    True,
    None,
    "",
    " 1",
    "1 ",
    "1,5",
    "+1",
    "-1",
    "-0",
    "1e3",
    "NaN",
    "inf",
    ".5",
    "1.",
    "01",
    "1.00001",
    "1" * 12,
    "１",
    [],
]


@pytest.mark.parametrize("value", AMOUNTS)
def test_amounts_are_decimal_text(value):
    assert codes(SUBTOTAL | {"value": value}) == [("/value", "type")]


@pytest.mark.parametrize("value", [12.5, True, None, -1, 10**11, 10**30, "1e3", "x", [1]])
def test_numbers_are_whole_or_decimal_text(value):
    assert [path for path, _ in codes(condition("cart.quantity", "at_least", value=value))] == ["/value"]


@pytest.mark.parametrize("value", [0, -1, 3_651, 2.0, "30", True, None])
def test_days_are_whole_and_in_range(value):
    assert [path for path, _ in codes(condition("item.age", "within", days=value))] == ["/days"]


@pytest.mark.parametrize("value", ["eur", "EURO", "€", "", None, 978, "EU R", "ＥＵＲ"])
def test_currencies(value):
    assert codes(SUBTOTAL | {"currency": value}) == [("/currency", "currency")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-02-30", "time"),
        ("2026-11-27T24:00", "time"),
        ("2026-11-27T10:60", "time"),
        ("2026-11-27T10:00Z", "time"),
        ("2026-11-27T10:00+01:00", "time"),
        ("2026-11-27 10:00", "time"),
        ("27.11.2026", "time"),
        ("20261127", "time"),
        ("2026-W48-5", "time"),
        ("٢٠٢٦-11-27", "time"),
        ("1969-12-31", "range"),
        ("9999-12-31", "range"),
        (1_795_867_200, "time"),
        (None, "time"),
    ],
)
def test_days_and_times_that_are_none(value, code):
    assert codes(condition("context.dates", "within", from_=value)) == [("/from", code)]


@pytest.mark.parametrize("value", ["24:00", "7:00", "07:00:00", "07-00", "noon", 7, None, "１２:00"])
def test_clocks(value):
    assert codes(condition("context.hours", "within", from_=value, until="12:30")) == [("/from", "time")]


def test_what_does_not_go_together():
    assert codes(condition("context.dates", "within")) == [("/from", "required")]
    assert codes(condition("context.dates", "within", from_="2026-11-28", until="2026-11-27")) == [
        ("/until", "range")
    ]
    assert codes(condition("context.dates", "within", from_="2026-11-28", until="2026-11-28")) == []
    assert codes(condition("context.hours", "within", from_="10:00", until="10:00")) == [("/until", "range")]
    assert codes(condition("cart.quantity", "between", low=5, high=1)) == [("/high", "range")]
    assert codes(condition("cart.quantity", "between", low=5, high=5)) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], [("/values", "count")]),
        ("a", [("/values", "type")]),
        (None, [("/values", "type")]),
        (["a"] * 1001, [("/values", "count")]),
        (["a", 1, "", None], [("/values/1", "type"), ("/values/2", "text"), ("/values/3", "type")]),
        (
            ["x" * 256, "a\0b", "\udc80"],
            [("/values/0", "text"), ("/values/1", "text"), ("/values/2", "text")],
        ),
        ([True], [("/values/0", "type")]),
    ],
)
def test_lists_of_texts(values, expected):
    assert codes(condition("item.key", "any_of", values=values)) == expected


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("context.weekday", "someday", "choice"),
        ("context.device", "watch", "choice"),
        ("visitor.country", "DEU", "text"),
        ("cart.currency", "EURO", "text"),
        ("context.language", "english please", "text"),
    ],
)
def test_texts_of_which_only_some_exist(kind, value, code):
    assert codes(condition(kind, "any_of", values=[value])) == [("/values/0", code)]


def test_scopes():
    assert codes(SUBTOTAL, scopes=frozenset({Scope.VISITOR, Scope.CONTEXT})) == [("/kind", "scope")]
    assert codes(SUBTOTAL, scopes=frozenset({Scope.CART})) == []


def nested(levels):
    node = SIGNED_IN
    for _ in range(levels - 1):
        node = {"not": node}
    return node


def test_depth():
    assert codes(nested(8)) == []
    assert codes(nested(9)) == [("/not" * 8, "depth")]
    assert codes(nested(700))[0] == ("/not" * 8, "depth")


def test_the_number_of_nodes():
    assert codes({"all": [SIGNED_IN] * 199}) == []
    assert codes({"all": [SIGNED_IN] * 200}) == [("/all", "nodes")]
    assert codes({"all": [{"any": [SIGNED_IN] * 100}, *[SIGNED_IN] * 100]}) == [("/all/0/any", "nodes")]
    assert codes('{"all":[' + ",".join(["{}"] * 10_000) + "]}") == [("/all", "nodes")]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text()
    | st.sampled_from(["visitor.signed_in", "yes"]),
    lambda below: (
        st.lists(below)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "kind", "op", "everyone"]) | st.text(), below)
    ),
)


@settings(deadline=None)
@given(JSON)
def test_anything_is_a_rule_or_refused(written):
    for problem in problems(json.dumps(written)):
        assert problem.path == "" or problem.path.startswith("/")
        f"{problem.path} {problem.message}".encode()


@settings(deadline=None)
@given(st.text() | st.binary())
def test_any_text_is_a_rule_or_refused(text):
    assert problems(text)


@settings(deadline=None, max_examples=150)
@given(strategies.rules())
def test_what_is_written_is_read_again(written):
    one = rule(written)
    again = rule(one.text)
    assert again == one
    assert again.text == one.text
    assert again.digest == one.digest
    assert rule(one.text.encode()) == one


def test_the_canonical_text():
    written = {
        "all": [
            {"values": ["Zelt", "Ärmel", "Zelt"], "op": "any_of", "kind": "item.category"},
            condition("cart.subtotal", "between", low="50.00", high="1000.10", currency="EUR"),
            condition("cart.quantity", "at_least", value="2.0"),
            condition("cart.quantity", "at_most", value="2.50"),
            condition("visitor.country", "any_of", values=["de", "DE"]),
            condition("context.weekday", "any_of", values=["Monday"]),
            condition("context.dates", "within", from_="2026-11-27", until="2026-11-30T18:00"),
            condition("context.hours", "within", from_="22:00", until="06:00"),
        ]
    }
    assert rule(written).text == (
        '{"all":[{"kind":"item.category","op":"any_of","values":["Zelt","Ärmel"]},'
        '{"currency":"EUR","high":"1000.1","kind":"cart.subtotal","low":"50","op":"between"},'
        '{"kind":"cart.quantity","op":"at_least","value":2},'
        '{"kind":"cart.quantity","op":"at_most","value":"2.5"},'
        '{"kind":"visitor.country","op":"any_of","values":["DE"]},'
        '{"kind":"context.weekday","op":"any_of","values":["monday"]},'
        '{"from":"2026-11-27","kind":"context.dates","op":"within","until":"2026-11-30T18:00"},'
        '{"from":"22:00","kind":"context.hours","op":"within","until":"06:00"}]}'
    )


def test_what_a_rule_reads():
    one = rule({"any": [SUBTOTAL, condition("visitor.segment", "any_of", values=["vip", "new"])]})
    assert one.facts == {"cart.subtotal"}
    assert one.segments == {"vip", "new"}
    attribute = rule(condition("item.attribute", "any_of", name="color", values=["red"]))
    assert attribute.facts == {"item.attribute:color"}
    assert len(one.digest) == 16
    assert rule({"everyone": True}).digest.hex() == "c753fc9cab762e24f919ca0296a252c9"
