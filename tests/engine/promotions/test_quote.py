from __future__ import annotations

import json
from decimal import ROUND_UP, Context, Decimal, Inexact, Rounded, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.promotions import (
    AmountOff,
    PercentOff,
    RefusalCode,
    exponent,
    price_cart,
    quote_cart,
)
from personalization.engine.rules import Facts
from personalization.engine.types import Cart
from tests.engine.promotions.carts import MAT, NOBODY, NOW, TENT, benefits, cart, carts, promotion

DAY = 86_400_000_000
TENTS_ONLY = '{"kind": "item.category", "op": "any_of", "values": ["Tents"]}'
MANY = (
    '{"all": [{"kind": "cart.quantity", "op": "at_least", "value": "3"},'
    ' {"kind": "cart.has_category", "op": "any_of", "values": ["Mats", "Tents"]}]}'
)
FROM_50 = '{"kind": "cart.subtotal", "op": "at_least", "value": "50.00", "currency": "EUR"}'


def reasons(quote: Any) -> list[RefusalCode]:
    return [refusal.reason for refusal in quote.refused]


def test_ten_percent_of_three_lines_of_five_cents() -> None:
    """1.5 cents of the whole are 2; each line alone would have got 1, and all of them 3."""
    quote = quote_cart(cart(*[(item, "1", "0.05") for item in "abc"]), [promotion()], NOBODY)
    (applied,) = quote.applied
    assert quote.discount == applied.amount == Decimal("0.02")
    assert [str(share.amount) for share in applied.shares] == ["0.01", "0.01", "0.00"]
    assert quote.total == Decimal("0.13")


def test_a_capped_percentage_is_split_in_proportion() -> None:
    """The example of docs/explanation/money.md, whose table is read here."""
    priced = cart(("tent", "1", "149.90"), ("bag", "1", "80.05"), ("mat", "2", "19.99"))
    quote = quote_cart(priced, [promotion(PercentOff(Decimal(10), Decimal(20)))], NOBODY)
    costs = {line.item: line.total for line in priced.lines}
    told = {
        share.item: [
            str(costs[share.item]),
            f"{quote.discount * costs[share.item] / quote.subtotal:.4f}",
            str(share.amount),
        ]
        for share in quote.applied[0].shares
    }
    whole = [str(quote.subtotal), f"{quote.discount:.4f}", str(quote.discount)]
    assert table_of(Path("docs/explanation/money.md")) == told | {"": whole}


def table_of(page: Path) -> dict[str, list[str]]:
    """The rows of the one table of a page, by their first cell."""
    rows = [line.strip("|").split("|") for line in page.read_text().splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[2:]}


@pytest.mark.parametrize(
    ("currency", "lines", "benefit", "shares"),
    [
        # 10 % of 999 are 99.9, so 100: 33.3333, 33.2332, 33.4334; the unit that is left goes to the last.
        (
            "JPY",
            [("a", "1", "333"), ("b", "2", "166"), ("c", "1", "334")],
            PercentOff(Decimal(10)),
            "33 33 34",
        ),
        # 7.5 % of 0.123 + 1.002 + 2.127 are 0.2439, so 0.244: 0.00923, 0.07518, 0.15959; the last gets the 0.001.
        (
            "KWD",
            [("a", "0.125", "0.987"), ("b", "1", "1.002"), ("c", "1", "2.127")],
            PercentOff(Decimal("7.5")),
            "0.009 0.075 0.160",
        ),
        # A 1-cent cart: 50 % are half a cent, rounded up; 49.99 % are nothing.
        ("EUR", [("a", "1", "0.01")], PercentOff(Decimal(50)), "0.01"),
        ("EUR", [("a", "1", "0.01")], PercentOff(Decimal("49.99")), ""),
        # 0.125 kg at 9.99 cost 1.25; all of it, and not more.
        ("EUR", [("a", "0.125", "9.99"), ("b", "1", "0")], PercentOff(Decimal(100)), "1.25 0.00"),
        ("EUR", [("a", "0.125", "9.99"), ("b", "1", "0.01")], AmountOff(Decimal(500)), "1.25 0.01"),
        # A cent over three equal lines goes to the first key.
        (
            "EUR",
            [("a", "1", "5"), ("b", "1", "5"), ("c", "1", "5")],
            AmountOff(Decimal("0.01")),
            "0.01 0.00 0.00",
        ),
    ],
)
def test_known_shares(currency: str, lines: Any, benefit: Any, shares: str) -> None:
    quote = quote_cart(cart(*lines, currency=currency), [promotion(benefit, currency=currency)], NOBODY)
    assert [str(share.amount) for one in quote.applied for share in one.shares] == shares.split()


def test_only_the_lines_it_is_for() -> None:
    priced = cart(
        ("tent", "1", "100"), ("mat", "1", "50"), ("gone", "1", "9"), items={"tent": TENT, "mat": MAT}
    )
    quote = quote_cart(priced, [promotion(targets=TENTS_ONLY)], NOBODY)
    assert [share.item for share in quote.applied[0].shares] == ["tent"]
    assert quote.discount == 10
    nothing = quote_cart(
        cart(("mat", "1", "50"), items={"mat": MAT}), [promotion(targets=TENTS_ONLY)], NOBODY
    )
    assert reasons(nothing) == [RefusalCode.ZERO_EFFECT]


def test_a_refusal_says_how_much_is_missing() -> None:
    quote = quote_cart(cart(("mat", "1", "37.50")), [promotion(rule=FROM_50)], NOBODY)
    (refusal,) = quote.refused
    assert refusal.reason == RefusalCode.CONDITION_FAILED
    (failure,) = refusal.failures
    assert (failure.kind, failure.missing, failure.unit) == ("cart.subtotal", Decimal("12.50"), "EUR")
    assert quote.applied == ()
    assert quote.total == quote.subtotal == Decimal("37.50")


def test_what_is_not_known_does_not_match() -> None:
    needs_orders = '{"kind": "visitor.orders", "op": "at_least", "value": 1}'
    quote = quote_cart(cart(("mat", "1", "9")), [promotion(rule=needs_orders)], NOBODY)
    assert reasons(quote) == [RefusalCode.CONDITION_FAILED]
    assert quote.refused[0].failures[0].actual is None


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"starts_at": NOW + 1}, RefusalCode.NOT_STARTED),
        ({"starts_at": NOW, "ends_at": NOW + 1}, None),
        ({"ends_at": NOW}, RefusalCode.EXPIRED),
        ({"currency": "USD"}, RefusalCode.CURRENCY),
    ],
)
def test_schedule_and_currency(times: Any, reason: Any) -> None:
    quote = quote_cart(cart(("a", "1", "10")), [promotion(**times)], NOBODY)
    assert reasons(quote) == ([reason] if reason else [])


def test_the_best_one_applies_and_the_others_say_by_which_they_were_beaten() -> None:
    small, large, late = (
        promotion(AmountOff(Decimal(1)), number=1, priority=9),  # decides between equals, and not before
        promotion(PercentOff(Decimal(50)), number=2),
        promotion(PercentOff(Decimal(100)), number=3, starts_at=NOW + DAY),
    )
    for offered in ([small, large, late], [late, large, small]):
        quote = quote_cart(cart(("a", "1", "10")), offered, NOBODY)
        assert [one.promotion for one in quote.applied] == [2]
        assert [(one.promotion, one.reason, one.beaten_by) for one in quote.refused] == [
            (1, RefusalCode.BEATEN, 2),
            (3, RefusalCode.NOT_STARTED, None),
        ]


def test_of_equals_priority_and_then_age_decide() -> None:
    first, second, third = (
        promotion(number=1),
        promotion(number=2, priority=5),
        promotion(number=3, priority=5),
    )
    assert quote_cart(cart(("a", "1", "10")), [third, first, second], NOBODY).applied[0].promotion == 2


def test_a_cart_for_nothing_has_no_promotion() -> None:
    assert reasons(quote_cart(cart(("a", "1", "0")), [promotion()], NOBODY)) == [RefusalCode.ZERO_EFFECT]
    assert quote_cart(cart(), [promotion()], NOBODY).total == 0


def test_the_cart_of_the_page_does_not_stand_for_the_one_that_is_quoted() -> None:
    told = Facts(cart(("a", "1", "500")).facts(), NOW)
    assert reasons(quote_cart(cart(("a", "1", "1")), [promotion(rule=FROM_50)], told)) == [
        RefusalCode.CONDITION_FAILED
    ]


def test_the_canonical_text_says_everything_of_a_refusal() -> None:
    quote = quote_cart(cart(("mat", "1", "37.50")), [promotion(rule=FROM_50, number=7)], NOBODY)
    assert json.loads(quote.to_json()) == {
        "currency": "EUR",
        "subtotal": "37.50",
        "discount": "0.00",
        "total": "37.50",
        "applied": [],
        "refused": [
            {
                "promotion": 7,
                "code": "",
                "reason": "condition_failed",
                "beaten_by": None,
                "failures": [
                    {
                        "path": "",
                        "kind": "cart.subtotal",
                        "op": "at_least",
                        "code": "too_low",
                        "expected": "50 EUR",
                        "actual": "37.50 EUR",
                        "missing": "12.50",
                        "unit": "EUR",
                        "negated": False,
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    "context",
    [Context(prec=3), Context(prec=28, rounding=ROUND_UP), Context(prec=28, traps=[Inexact, Rounded])],
    ids=["digits", "rounding", "traps"],
)
def test_the_decimal_context_of_the_host_does_not_matter(context: Context) -> None:
    def quoted() -> bytes:
        priced = cart(("a", "3", "1234567.89"), ("b", "0.125", "9.99"))
        return quote_cart(priced, [promotion(PercentOff(Decimal("33.33")))], NOBODY).to_json()

    plain = quoted()
    with localcontext(context):
        assert quoted() == plain


@given(st.data(), carts())
def test_shares_sum_to_the_discount_and_no_line_costs_less_than_nothing(data: Any, drawn: Any) -> None:
    currency, lines = drawn
    priced = price_cart(Cart(tuple(lines), currency), {})
    benefit = data.draw(benefits(currency))
    quote = quote_cart(priced, [promotion(benefit, currency=currency)], NOBODY)
    costs = {line.key: line.total for line in priced.lines}
    shares = [share for applied in quote.applied for share in applied.shares]
    assert sum(share.amount for share in shares) == quote.discount == quote.subtotal - quote.total
    assert all(0 <= share.amount <= costs[share.line] for share in shares)
    assert quote.discount == promised(benefit, priced.subtotal, exponent(currency))


def promised(benefit: Any, subtotal: Decimal, places: int) -> Fraction:
    """What it takes off, in fractions: not a unit more than the cap, and not one less than was said."""
    whole = Fraction(subtotal)
    if isinstance(benefit, AmountOff):
        return min(Fraction(benefit.amount), whole)
    unit = Fraction(1, 10**places)
    off = (whole * Fraction(benefit.percent) / 100 / unit + Fraction(1, 2)) // 1 * unit
    return off if benefit.cap is None else min(off, Fraction(benefit.cap))


@given(st.data(), carts())
def test_lines_it_is_not_for_get_nothing(data: Any, drawn: Any) -> None:
    currency, lines = drawn
    items = dict.fromkeys("ab", TENT) | dict.fromkeys("cd", MAT)
    priced = price_cart(Cart(tuple(lines), currency), items)
    benefit = data.draw(benefits(currency))
    quote = quote_cart(priced, [promotion(benefit, currency=currency, targets=TENTS_ONLY)], NOBODY)
    tents = [line for line in priced.lines if line.item in "ab"]
    assert {share.line for one in quote.applied for share in one.shares} <= {line.key for line in tents}
    costs = sum([line.total for line in tents], Decimal(0))
    assert quote.discount == promised(benefit, costs, exponent(currency))


@given(st.data(), carts(), st.randoms())
def test_twice_the_same_bytes_in_whatever_order_the_lines_stand(data: Any, drawn: Any, dice: Any) -> None:
    currency, lines = drawn
    offered = [
        promotion(data.draw(benefits(currency)), number=number, currency=currency, **rules)
        for number, rules in enumerate(
            [{"priority": 1}, {"rule": MANY}, {"targets": TENTS_ONLY}, {"rule": FROM_50}]
        )
    ]
    items = dict.fromkeys("ab", TENT) | dict.fromkeys("cd", MAT)
    shuffled = list(lines)
    dice.shuffle(shuffled)
    once, again = (
        quote_cart(price_cart(Cart(tuple(order), currency), items), offers, NOBODY).to_json()
        for order, offers in ((lines, offered), (shuffled, offered[::-1]))
    )
    assert once == again
    assert json.loads(once)["currency"] == currency
