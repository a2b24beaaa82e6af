"""Carts and promotions to quote."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from personalization.engine.promotions import AmountOff, PercentOff, Promotion, exponent, price_cart
from personalization.engine.rules import Facts, Money, default_vocabulary, read_rule
from personalization.engine.rules.facts import Scope
from personalization.engine.types import Cart, CartLine

NOW = 1_700_000_000_000_000
NOBODY = Facts({}, NOW)
CURRENCIES = ("EUR", "JPY", "KWD")
TENT = {"item.category": "Tents", "item.price": Money(Decimal(100), "EUR"), "item.tags": frozenset({"light"})}
MAT = {"item.category": "Mats", "item.brand": "Alpha"}


def cart(*lines: Any, currency: str = "EUR", items: Any = None) -> Any:
    """Of (item, quantity, unit price)."""
    return price_cart(Cart(tuple([CartLine(*line) for line in lines]), currency), items or {})


def promotion(
    benefit: Any = None, *, number: int = 1, rule: Any = None, targets: Any = None, **fields: Any
) -> Any:
    read = {"rule": rule and rule_of(rule), "targets": targets and rule_of(targets, {Scope.ITEM})}
    usual = {"version": 1, "title": "Autumn", "currency": "EUR", **read}
    return Promotion(id=number, benefit=benefit or PercentOff(Decimal(10)), **(usual | fields))


def rule_of(text: str, scopes: Any = frozenset(Scope)) -> Any:
    return read_rule(text, default_vocabulary(), scopes=scopes)


@st.composite
def carts(draw: Any) -> tuple[str, list[CartLine]]:
    """A currency, and lines in any order, some with keys of their own."""
    currency = draw(st.sampled_from(CURRENCIES))
    places = exponent(currency)
    prices = st.integers(0, 10**6).map(lambda minor: str(Decimal(minor).scaleb(-places)))
    quantities = st.one_of(
        st.integers(1, 20).map(str), st.integers(1, 5000).map(lambda grams: str(Decimal(grams) / 1000))
    )
    line = st.builds(CartLine, st.sampled_from("abcde"), quantities, prices)
    lines = draw(st.lists(line, min_size=1, max_size=12))
    keyed = draw(st.sets(st.sampled_from(range(len(lines)))))
    return currency, [
        replace(line, key=f"row-{place}") if place in keyed else line for place, line in enumerate(lines)
    ]


@st.composite
def benefits(draw: Any, currency: str) -> Any:
    places = exponent(currency)
    amounts = st.integers(1, 10**7).map(lambda minor: Decimal(minor).scaleb(-places))
    percent = draw(st.integers(1, 10_000)) / Decimal(100)
    return draw(
        st.one_of(
            st.just(PercentOff(percent)),
            amounts.map(lambda cap: PercentOff(percent, cap)),
            amounts.map(AmountOff),
        )
    )
