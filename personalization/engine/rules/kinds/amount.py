"""Conditions on money: amounts in one currency; what is in another is unknown, never converted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.engine.rules.columns import column_of
from personalization.engine.rules.facts import FactType, Money, Moneys, Scope, as_amount
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Outcome
from personalization.engine.rules.kinds.comparison import (
    ComparisonKind,
    Measures,
    bound_fields,
    shown_number,
)
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from decimal import Decimal

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition
    from personalization.engine.rules.words import Translate

AMOUNT_FIELDS = (
    *bound_fields(FieldType.AMOUNT, gettext_noop("Amount")),
    Field("currency", FieldType.CURRENCY, gettext_noop("Currency")),
)

_AMOUNTS = frozenset({"value", "low", "high"})


class MoneyKind(ComparisonKind):
    """Compares amounts in the condition's currency."""

    fields: tuple[Field, ...] = AMOUNT_FIELDS

    def unit(self, condition: Condition) -> str:
        return str(condition.values["currency"])

    def bound(self, value: Any) -> int:
        return as_amount(value)

    def about(self, condition: Condition) -> Hashable:
        return self.code, condition.values["currency"]

    def shown(self, condition: Condition, translate: Translate) -> dict[str, str]:
        shown = super().shown(condition, translate)
        for name in _AMOUNTS & shown.keys():
            value: Any = condition.values[name]
            shown[name] = f"{shown_number(value)} {self.unit(condition)}"
        return shown

    def expected(self, condition: Condition) -> str:
        shown = self.shown(condition, str)
        return ", ".join([shown[name] for name in ("value", "low", "high") if name in shown])


class AmountKind(MoneyKind):
    """Compares one MONEY; ``fact`` names it."""

    fact: str

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: FactType.MONEY}

    def measure(self, condition: Condition, facts: Facts) -> Decimal | None:
        money = facts.find(self.fact)
        if isinstance(money, Money) and money.currency == condition.values["currency"]:
            return money.amount
        return None

    def measure_columns(self, condition: Condition, columns: Columns) -> Measures:
        column = column_of(columns, self.fact, Moneys)
        return Measures(column.amounts, column.currencies == _row_of(column.vocabulary, self.unit(condition)))

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        money = facts.find(self.fact)
        outcome = super().judge(condition, facts)
        if outcome.actual is not None or not isinstance(money, Money):
            return outcome
        actual = f"{shown_number(money.amount)} {money.currency}"
        return Outcome(outcome.truth, outcome.expected, actual, unit=outcome.unit, code="currency")


def _row_of(vocabulary: tuple[str, ...], currency: str) -> int:
    """The row of a currency; when there is none, one that stands in no column."""
    return vocabulary.index(currency) if currency in vocabulary else -2


class CartSubtotal(AmountKind):
    code = "cart.subtotal"
    scope = Scope.CART
    label = gettext_noop("Value of the cart")
    subject = gettext_noop("the value of the cart")
    fact = "cart.subtotal"


class ItemPrice(AmountKind):
    code = "item.price"
    scope = Scope.ITEM
    label = gettext_noop("Price of the item")
    subject = gettext_noop("the item’s price")
    fact = "item.price"
