"""Conditions on the orders of a visitor: how many, and how much."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.rules.columns import column_of, counted, summed
from personalization.engine.rules.facts import FactType, OrderFact, Orders, Scope
from personalization.engine.rules.field import FieldType
from personalization.engine.rules.kinds.amount import AMOUNT_FIELDS, MoneyKind
from personalization.engine.rules.kinds.comparison import ComparisonKind, Measures, bound_fields
from personalization.engine.rules.kinds.moments import DAYS, since
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition

ORDERS = "visitor.orders"


def counting_orders(condition: Condition, facts: Facts) -> tuple[OrderFact, ...] | None:
    """The orders in the condition's days, None when nothing is known."""
    orders: Any = facts.find(ORDERS)
    first = since(condition, facts.now)
    if orders is None or first is None:
        return orders  # type: ignore[no-any-return]
    return tuple([order for order in orders if order.at >= first])


def counting_entries(condition: Condition, column: Orders, now: int) -> NDArray[np.bool_]:
    """Which entries of the column are in the condition's days."""
    first = since(condition, now)
    return np.ones(len(column.at), np.bool_) if first is None else column.at >= first


class VisitorOrders(ComparisonKind):
    code = "visitor.orders"
    scope = Scope.VISITOR
    label = gettext_noop("Number of orders")
    subject = gettext_noop("the number of the visitor’s orders")
    fields = (*bound_fields(FieldType.WHOLE, gettext_noop("Number")), DAYS)

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {ORDERS: FactType.ORDERS}

    def about(self, condition: Condition) -> Hashable:
        return self.code, condition.values.get("days")

    def measure(self, condition: Condition, facts: Facts) -> int | None:
        orders = counting_orders(condition, facts)
        return None if orders is None else len(orders)

    def measure_columns(self, condition: Condition, columns: Columns) -> Measures:
        column = column_of(columns, ORDERS, Orders)
        entries = counting_entries(condition, column, columns.now)
        return Measures(counted(entries, column.starts), column.known)


class VisitorSpent(MoneyKind):
    """Compares the sum of the orders; those of unknown amount or in another currency may be worth anything."""

    code = "visitor.spent"
    scope = Scope.VISITOR
    label = gettext_noop("Amount spent")
    subject = gettext_noop("what the visitor spent")
    fields = (*AMOUNT_FIELDS, DAYS)

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {ORDERS: FactType.ORDERS}

    def about(self, condition: Condition) -> Hashable:
        return self.code, condition.values["currency"], condition.values.get("days")

    def measure(self, condition: Condition, facts: Facts) -> Decimal | None:
        orders = counting_orders(condition, facts)
        if orders is None:
            return None
        currency = self.unit(condition)
        ours = [order.amount for order in orders if order.amount is not None and order.currency == currency]
        return sum(ours, Decimal(0))

    def is_open(self, condition: Condition, facts: Facts) -> bool:
        currency = self.unit(condition)
        orders = counting_orders(condition, facts) or ()
        return any(order.amount is None or order.currency != currency for order in orders)

    def measure_columns(self, condition: Condition, columns: Columns) -> Measures:
        column = column_of(columns, ORDERS, Orders)
        entries = counting_entries(condition, column, columns.now)
        names = np.array([*column.vocabulary, ""])
        ours = entries & (names[column.currencies] == self.unit(condition))
        total = summed(np.where(ours, column.amounts, 0), column.starts)
        return Measures(total, column.known, counted(entries & ~ours, column.starts) > 0)
